"""What can be wrong with an institution."""

from shared.kit.problems import Problem


class InstitutionKnown(Problem):
    code, status = "institution-known", 409
    title = {
        "fa": "این شخص حقوقی در این محل ثبت شده است",
        "en": "The legal person is registered at this place already",
    }


class PersonKnown(Problem):
    code, status = "person-known", 409
    title = {"fa": "این شخص با این سمت ثبت شده است", "en": "The person is there already in this role"}


class RoleNotPossible(Problem):
    code, status = "role-not-possible", 422
    title = {
        "fa": "این سمت با نوع مؤسس سازگار نیست",
        "en": "A legal person has a board and no founder; a natural person is the founder, alone",
    }


class NotARegisteringPlace(Problem):
    code, status = "not-a-registering-place", 422
    title = {
        "fa": "ثبت در یک مرکز یا ادارهٔ شهرستان است",
        "en": "It is registered at a center or a county office",
    }
