"""What can be wrong with a finding."""

from shared.kit.problems import Problem, StepNotAllowed


class NotAtACenter(Problem):
    code, status = "finding-needs-a-center", 422
    title = {
        "fa": "مرکزی را که این خانوار در محدودهٔ آن است مشخص کنید",
        "en": "Say which center the household is in the area of",
    }


class AlreadyFound(Problem):
    """`finding_id` is the one that is open."""

    code, status = "already-found", 409
    title = {"fa": "این شخص پیش‌تر شناسایی شده است", "en": "The person has been found already"}
    members = ("finding_id",)


class FindingStepNotAllowed(StepNotAllowed):
    code = "finding-step-not-allowed"
    title = {"fa": "در این وضعیت شدنی نیست", "en": "The finding's status does not allow this step"}


class CoverageNotChecked(Problem):
    """`bodies` names those of whom no valid answer is known."""

    code, status = "coverage-not-checked", 409
    title = {
        "fa": "استعلام معتبری از نهادهای حمایتی دیگر ثبت نشده است",
        "en": "No valid answer of the other support bodies is known",
    }
    detail = {"fa": "نهادها: {names}", "en": "Ask: {names}"}
    members = ("bodies",)


class CoveredElsewhere(Problem):
    """`bodies` names those who said that they support the household."""

    code, status = "covered-elsewhere", 409
    title = {
        "fa": "خانوار زیر پوشش نهاد حمایتی دیگری است",
        "en": "Another support body already supports the household",
    }
    members = ("bodies",)


class OutOfTurn(Problem):
    """`before` others come first, `next` is the first of them."""

    code, status = "out-of-turn", 409
    title = {"fa": "هنوز نوبت این خانوار نیست", "en": "It is not this household's turn"}
    detail = {
        "fa": "{before} خانوار پیش از آن در نوبت‌اند؛ برای پیش انداختن، دلیل را در skipping بفرستید.",
        "en": "{before} others come first; to skip them, send the reason in `skipping`.",
    }
    members = ("before", "next")


class AppealFinal(Problem):
    code, status = "appeal-final", 409
    title = {
        "fa": "به اعتراض رسیدگی شده و تصمیم قطعی است",
        "en": "The appeal has been decided: the decision is final",
    }


class AppealTooLate(Problem):
    code, status = "appeal-too-late", 409
    title = {"fa": "مهلت اعتراض گذشته است", "en": "The time to appeal has passed"}
    detail = {"fa": "آخرین روز: {last_day}", "en": "The last day was {last_day}."}
    members = ("last_day",)


class OwnRefusal(Problem):
    code, status = "own-refusal", 403
    title = {
        "fa": "کسی به اعتراض بر تصمیم خود رسیدگی نمی‌کند",
        "en": "Nobody decides on an appeal against their own decision",
    }
