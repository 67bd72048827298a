"""What can be wrong with a deadline."""

from shared.kit.problems import StepNotAllowed


class DeadlineStepNotAllowed(StepNotAllowed):
    code = "deadline-step-not-allowed"
    title = {"fa": "این مهلت این‌گونه بسته نمی‌شود", "en": "This deadline is not met that way"}
