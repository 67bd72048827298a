"""What can be wrong with an application."""

from shared.kit.problems import Problem, StepNotAllowed


class ApplicationStepNotAllowed(StepNotAllowed):
    code = "application-step-not-allowed"
    title = {"fa": "در این وضعیت درخواست شدنی نیست", "en": "The application's status does not allow this step"}


class ApplicationIncomplete(Problem):
    """`errors` names each paper that is missing, and whose."""

    code, status = "application-incomplete", 409
    title = {"fa": "پروندهٔ درخواست کامل نیست", "en": "The application lacks something"}


class ApplicationNotReady(Problem):
    """`errors` names what has to come first."""

    code, status = "application-not-ready", 409
    title = {"fa": "گامی پیش از این مانده است", "en": "Something has to come before this step"}


class FounderUnknown(Problem):
    code, status = "founder-unknown", 422
    title = {"fa": "چنین مؤسسی در این محل ثبت نشده است", "en": "No such institution is registered at this place"}


class LicenceNotForClause(Problem):
    code, status = "licence-not-for-clause", 422
    title = {
        "fa": "پروانهٔ تأسیس برای اشخاص حقوقی بند ۱۳ است و دیگر پروانه‌ها برای بندهای ۱ تا ۱۲",
        "en": "Establishment is for legal persons of clause 13, the other licences for clauses 1 to 12",
    }


class ManagerNeeded(Problem):
    code, status = "manager-needed", 422
    title = {
        "fa": "مسئول فنی با مدرک تحصیلی را از میان افراد همین مؤسس نام ببرید",
        "en": "Name a technical manager of this institution, with a qualification",
    }


class LicenceNeeded(Problem):
    code, status = "licence-needed", 422
    title = {
        "fa": "برای صدور پروانه‌ای نام برده نمی‌شود و برای هر کار دیگر، پروانه لازم است",
        "en": "Issuing names no licence; everything else says which licence it is about",
    }


class PaperNotAsked(Problem):
    code, status = "paper-not-asked", 422
    title = {"fa": "چنین مدرکی برای این درخواست لازم نیست", "en": "The application does not need this paper"}


class AppealTooLate(Problem):
    code, status = "appeal-too-late", 409
    title = {"fa": "مهلت اعتراض گذشته است", "en": "The time to appeal is over"}


class AppealedAlready(Problem):
    code, status = "appealed-already", 409
    title = {"fa": "به اعتراض یک بار رسیدگی می‌شود", "en": "An appeal is heard once"}


class VotesSayOtherwise(Problem):
    code, status = "votes-say-otherwise", 409
    title = {
        "fa": "رأی حاضران چیز دیگری است",
        "en": "Those who came have voted otherwise: approval takes more votes for than against",
    }
