"""What can be wrong with a service request."""

from shared.kit.problems import Problem, StepNotAllowed


class RequestStepNotAllowed(StepNotAllowed):
    code = "request-step-not-allowed"
    title = {
        "fa": "در این وضعیت درخواست شدنی نیست",
        "en": "The request's status does not allow this step",
    }


class ServiceNotOffered(Problem):
    code, status = "service-not-offered", 422
    title = {
        "fa": "این خدمت امروز در فهرست خدمات نیست",
        "en": "The catalogue does not have this service today",
    }


class AnswerDueInThePast(Problem):
    code, status = "answer-due-in-the-past", 422
    title = {"fa": "مهلت پاسخ گذشته است", "en": "The answer would be due on a day that is over"}


class AnsweredBeforeReferred(Problem):
    code, status = "answered-before-referred", 422
    title = {"fa": "تاریخ پاسخ پیش از ارجاع است", "en": "The answer would be older than the referral"}


class TrackingUnknown(Problem):
    """Told alike for a code that no request has and for a PIN that is not its own."""

    code, status = "tracking-unknown", 404
    title = {
        "fa": "درخواستی با این کد رهگیری و رمز نیست",
        "en": "No request has this tracking code and PIN",
    }
    detail = {
        "fa": "کد ۱۶ رقمی و رمز ۶ رقمی را دوباره بخوانید؛ اگر رمز را فراموش کرده‌اید از مرکز رمز تازه بخواهید.",
        "en": "Check both numbers; if the PIN is forgotten, the center sets a new one.",
    }
