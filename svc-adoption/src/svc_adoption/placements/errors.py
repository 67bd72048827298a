"""What can be wrong with a placement."""

from shared.kit.problems import Problem, StepNotAllowed


class PlacementStepNotAllowed(StepNotAllowed):
    code = "placement-step-not-allowed"
    title = {"fa": "وضعیت این سپردن آن گام را نمی‌پذیرد", "en": "The placement's state does not allow this step"}


class TrialNotOver(Problem):
    code, status = "trial-not-over", 409
    title = {"fa": "دورهٔ آزمایشی هنوز پایان نیافته است", "en": "The trial is not over yet"}
    members = ("ends_on",)
