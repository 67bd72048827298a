"""What can be wrong with a licence."""

from shared.kit.problems import Problem, StepNotAllowed


class LicenceStepNotAllowed(StepNotAllowed):
    code = "licence-step-not-allowed"
    title = {"fa": "در این وضعیت پروانه شدنی نیست", "en": "The licence's status does not allow this step"}


class LicenceUnknown(Problem):
    code, status = "licence-unknown", 422
    title = {"fa": "چنین پروانه‌ای در محدودهٔ شما نیست", "en": "There is no such licence in your scope"}


class ApplicationUnknown(Problem):
    code, status = "application-unknown", 422
    title = {"fa": "چنین درخواستی در محدودهٔ شما نیست", "en": "There is no such application in your scope"}


class RenewalNotOpen(Problem):
    code, status = "renewal-not-open", 409
    title = {"fa": "هنوز زمان تمدید نرسیده است", "en": "It is too early to renew"}
    detail = {
        "fa": "درخواست تمدید از {opens_on} پذیرفته می‌شود.",
        "en": "Renewal can be applied for from {opens_on}.",
    }
    members = ("opens_on",)


class NotDecided(Problem):
    """The request does not end in this: it is not approved, asks for something else, or for another licence."""

    code, status = "not-decided", 409
    title = {
        "fa": "این درخواست چنین تصمیمی ندارد",
        "en": "The request was not decided so",
    }
    detail = {
        "fa": "برای این کار درخواستی تصویب‌شده از گونهٔ «{act}» لازم است؛ این درخواست «{present}» و «{status}» است.",
        "en": "This takes an approved request to {act}; this one is to {present}, and {status}.",
    }
    members = ("act", "present")


class DecisionUsed(Problem):
    code, status = "decision-used", 409
    title = {"fa": "این تصمیم پیش‌تر اجرا شده است", "en": "The decision has had its effect already"}


class RuleNotSet(Problem):
    """Nobody has signed off what the licence's validity, extension or renewal is to be."""

    code, status = "licence-rule-not-set", 409
    title = {"fa": "قاعده‌ای که لازم است تعیین نشده است", "en": "A rule that this needs is not set"}
    detail = {
        "fa": "برای این نوع پروانه و این بند «{rule}» را باید کسی تعیین و دیگری تأیید کند.",
        "en": "For this licence and clause, somebody has to set {rule} and somebody else to sign it off.",
    }
    members = ("rule",)


class AgreementMissing(Problem):
    code, status = "agreement-missing", 409
    title = {
        "fa": "دارنده موافقت اصولی معتبری برای این بند ندارد",
        "en": "The holder has no agreement in principle in force for this clause",
    }


class LicenceHeldAlready(Problem):
    code, status = "licence-held-already", 409
    title = {
        "fa": "این مرکز پروانه‌ای از همین نوع دارد",
        "en": "The center holds a licence of this kind",
    }


class ExtendedBefore(Problem):
    code, status = "extended-before", 409
    title = {"fa": "این پروانه یک بار مهلت گرفته است", "en": "It was extended once, and is not again"}
