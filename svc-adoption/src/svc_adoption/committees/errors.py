"""What can be wrong with a decision."""

from shared.kit.problems import Problem, StepNotAllowed


class DecisionStepNotAllowed(StepNotAllowed):
    code = "decision-step-not-allowed"
    title = {"fa": "در این وضعیت تصمیم شدنی نیست", "en": "The decision's state does not allow this step"}


class DecisionAwaited(Problem):
    code, status = "decision-awaited", 409
    title = {
        "fa": "تصمیم پیشنهادشده‌ای هنوز پاسخ عضو دیگر را ندارد",
        "en": "A decision that was proposed still waits for another member",
    }


class SecondMemberNeeded(Problem):
    """Who proposed a decision has asked to answer it."""

    code, status = "second-member-needed", 409
    title = {
        "fa": "عضو دیگری از کمیته باید پاسخ دهد",
        "en": "Another member of the committee has to answer",
    }


class NotEligible(Problem):
    """`conditions` names what is not met, by its code in the eligibility of the request."""

    code, status = "not-eligible", 409
    title = {"fa": "شرط‌های قانون برآورده نیست", "en": "Conditions of the law are not met"}
    detail = {"fa": "برآورده نشده: {names}", "en": "Not met: {names}"}
    members = ("conditions",)


class ConditionsOpen(Problem):
    """`conditions` names what is still open, and has to be settled by the committee in so many words."""

    code, status = "conditions-open", 409
    title = {"fa": "شرط‌هایی هنوز روشن نیست", "en": "Conditions are still open"}
    detail = {
        "fa": "روشن نیست: {names}. کمیته باید نظر خود را دربارهٔ هر یک بنویسد (settles).",
        "en": "Open: {names}. The committee has to say what it holds of each (settles).",
    }
    members = ("conditions",)
