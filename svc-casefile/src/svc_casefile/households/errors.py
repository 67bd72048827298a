"""What can be wrong with a case file."""

from shared.kit.problems import Problem


class CaseFileClosed(Problem):
    code, status = "case-file-closed", 409
    title = {"fa": "پرونده مختومه است", "en": "The case file is closed"}
    detail = {
        "fa": "پروندهٔ مختومه تغییر نمی‌کند؛ برای خانوار پروندهٔ تازه باز کنید.",
        "en": "A closed file does not change any more; open a new one for the household.",
    }


class LegacyReferenceTaken(Problem):
    code, status = "legacy-reference-taken", 409
    title = {
        "fa": "پرونده‌ای با این شمارهٔ سامانهٔ پیشین در استان هست",
        "en": "The province already has a file with this reference of the older system",
    }


class NotAPlaceForFiles(Problem):
    code, status = "not-a-place-for-files", 422
    title = {
        "fa": "پرونده نزد یک مرکز یا یک شهرستان است",
        "en": "A case file is with a center or with a county: name one",
    }


class CenterNotOpen(Problem):
    code, status = "center-not-open", 422
    title = {"fa": "مرکزی باز با این کد نیست", "en": "There is no open center with this code"}


class ActiveOnlyAtCenter(Problem):
    code, status = "active-only-at-center", 422
    title = {
        "fa": "تنها پروندهٔ نزد یک مرکز می‌تواند فعال باشد",
        "en": "Only a file that is with a center can be active",
    }


class ClosedBeforeOpened(Problem):
    code, status = "closed-before-opened", 422
    title = {"fa": "تاریخ مختومه شدن پیش از تشکیل پرونده است", "en": "The file would be closed before it was opened"}


class HalfAMapPoint(Problem):
    code, status = "half-a-map-point", 422
    title = {"fa": "عرض و طول جغرافیایی با هم می‌آیند", "en": "Latitude and longitude come together"}


class NotAMember(Problem):
    code, status = "not-a-member", 422
    title = {"fa": "این شخص عضو کنونی خانوار نیست", "en": "The person is not a present member of the household"}
