"""What can be wrong with a child's reference."""

from shared.kit.problems import Problem, StepNotAllowed


class ChildStepNotAllowed(StepNotAllowed):
    code = "child-step-not-allowed"
    title = {"fa": "وضعیت کودک این گام را نمی‌پذیرد", "en": "The child's state does not allow this step"}


class NotEligible(Problem):
    """`errors` says what Article 8, or the age, asks for."""

    code, status = "child-not-eligible", 422
    title = {"fa": "کودک بر پایهٔ ماده ۸ واجد شرایط نیست", "en": "Article 8 does not let this child be placed"}


class ChildKnown(Problem):
    """By whichever office; which one, and under which id, is not told."""

    code, status = "child-known", 409
    title = {"fa": "این کودک پیش‌تر ثبت شده است", "en": "The child is registered already"}


class SiblingsUnknown(Problem):
    code, status = "siblings-unknown", 422
    title = {
        "fa": "خواهر یا برادری که نام برده شد در همین محدوده و آمادهٔ سپردن نیست",
        "en": "The brother or sister named is not waiting in this scope",
    }
