"""What can be wrong with a check."""

from shared.kit.problems import Problem, StepNotAllowed


class CheckStepNotAllowed(StepNotAllowed):
    code = "check-step-not-allowed"
    title = {"fa": "در این وضعیت بررسی شدنی نیست", "en": "The check's state does not allow this step"}


class AnswerOutOfDate(Problem):
    code, status = "answer-out-of-date", 422
    title = {
        "fa": "تاریخ پاسخ در آینده است یا اعتبار آن گذشته است",
        "en": "The answer is of a day to come, or is not valid any more",
    }
