"""What can be wrong with a home visit."""

from shared.kit.problems import Problem


class VisitIdTaken(Problem):
    code, status = "visit-id-taken", 409
    title = {
        "fa": "بازدید دیگری با این شناسه ثبت شده است",
        "en": "Another visit was recorded under this id",
    }
    detail = {
        "fa": "برای هر بازدید شناسه‌ای تازه بسازید؛ همان بازدید را می‌توان بارها فرستاد.",
        "en": "Make a new id for each visit; the very same visit may be sent any number of times.",
    }


class NotOfTheHousehold(Problem):
    code, status = "not-of-the-household", 422
    title = {"fa": "این شخص عضو این خانوار نیست و نبوده است", "en": "The person is not and was not of this household"}


class VersionUnknown(Problem):
    code, status = "version-unknown", 422
    title = {"fa": "پرونده هنوز به این نسخه نرسیده است", "en": "The file has not come to this version yet"}


class NothingToResolve(Problem):
    code, status = "nothing-to-resolve", 409
    title = {"fa": "این بازدید تعارض حل‌نشده‌ای ندارد", "en": "The visit has no conflict that waits to be resolved"}


class NotAmongTheChanges(Problem):
    code, status = "not-among-the-changes", 422
    title = {"fa": "بازدید چنین تغییری نخواسته است", "en": "The visit did not ask for a change of this field"}
