"""What can be wrong with a complaint."""

from shared.kit.problems import Problem, StepNotAllowed


class PlaceOfComplaintUnknown(Problem):
    code, status = "place-of-complaint-unknown", 422
    title = {"fa": "مرکز، شهرستان یا استانی با این کد نمی‌شناسیم", "en": "No center, county or province has this code"}


class ComplaintStepNotAllowed(StepNotAllowed):
    code = "complaint-step-not-allowed"
    title = {"fa": "در این وضعیت شکایت شدنی نیست", "en": "The complaint's status does not allow this step"}


class HandledElsewhere(Problem):
    """`handled_by` is the place that handles it."""

    code, status = "handled-elsewhere", 409
    title = {
        "fa": "رسیدگی به این شکایت با جای دیگری است",
        "en": "Another place handles the complaint; one above may take it up",
    }
    members = ("handled_by",)


class NobodyAbove(Problem):
    code, status = "nobody-above", 409
    title = {"fa": "بالاتر از ستاد کسی نیست", "en": "There is nobody above headquarters"}


class UnsealedFromAbove(Problem):
    code, status = "unsealed-from-above", 409
    title = {
        "fa": "هویت گزارش‌دهنده تنها از سطحی بالاتر از رسیدگی‌کننده باز می‌شود",
        "en": "The identity is unsealed only from a level above the place that handles the complaint",
    }


class NoIdentity(Problem):
    code, status = "no-identity", 409
    title = {"fa": "هویتی ثبت نشده است", "en": "Nobody left an identity with it"}


class TrackingCodeUnknown(Problem):
    code, status = "tracking-code-unknown", 404
    title = {"fa": "چیزی با این کد رهگیری پیدا نشد", "en": "There is nothing with this tracking code"}


class NotAnsweredYet(Problem):
    code, status = "not-answered-yet", 409
    title = {"fa": "هنوز پاسخی داده نشده است", "en": "It has not been answered yet"}
