"""What can be wrong with a request."""

from shared.kit.problems import Problem, StepNotAllowed


class RequestStepNotAllowed(StepNotAllowed):
    code = "adoption-step-not-allowed"
    title = {"fa": "در این وضعیت درخواست شدنی نیست", "en": "The request's status does not allow this step"}


class ApplicantsMisfit(Problem):
    code, status = "applicants-misfit", 422
    title = {
        "fa": "شمار یا جنس متقاضیان با گروه درخواست نمی‌خواند",
        "en": "A couple is a husband and a wife; a single woman is one applicant",
    }


class ApplicantUnknown(Problem):
    code, status = "applicant-unknown", 422
    title = {"fa": "درخواست چنین متقاضی ندارد", "en": "The request has no such applicant"}


class ApplicantInAnotherRequest(Problem):
    """Told to the office that accepts a request, and to no center that registers one: so nobody learns there whether
    a neighbour has asked for a child."""

    code, status = "applicant-in-another-request", 409
    title = {
        "fa": "یکی از متقاضیان درخواست باز دیگری دارد",
        "en": "One of the applicants is in another request that is open",
    }


class CareChildTooOld(Problem):
    code, status = "care-child-too-old", 422
    title = {"fa": "سن کودک از مراقبت موقت گذشته است", "en": "The child is too old for temporary care"}
    members = ("limit",)


class DateToCome(Problem):
    code, status = "date-to-come", 422
    title = {"fa": "این تاریخ هنوز نرسیده است", "en": "That day is still to come"}
