"""What can be wrong with a referral."""

from shared.kit.problems import Problem, StepNotAllowed


class ReferralStepNotAllowed(StepNotAllowed):
    code = "referral-step-not-allowed"
    title = {"fa": "در این وضعیت ارجاع شدنی نیست", "en": "The referral's status does not allow this step"}


class ReferralDayImpossible(Problem):
    code, status = "referral-day-impossible", 422
    title = {
        "fa": "این روز با روزهای دیگر ارجاع جور نیست یا در آینده است",
        "en": "The day is before what it follows, or in the future",
    }


class ReferralTokenUnknown(Problem):
    code, status = "referral-token-unknown", 404
    title = {"fa": "ارجاعی با این برگه پیدا نشد", "en": "There is no referral with this token"}


class TooYoungToClose(Problem):
    code, status = "too-young-to-close", 409
    title = {
        "fa": "پیگیری تا سنی که دستورالعمل می‌گوید ادامه دارد",
        "en": "The person is followed until the age that the protocol says",
    }


class OpenReferralThere(Problem):
    code, status = "open-referral-there", 409
    title = {
        "fa": "ارجاع باز دیگری برای این شخص در این برنامه هست",
        "en": "The person has another open referral in the programme",
    }
