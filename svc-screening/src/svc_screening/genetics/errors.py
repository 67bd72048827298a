"""What can be wrong with a genetic case."""

from shared.kit.problems import StepNotAllowed


class GeneticStepNotAllowed(StepNotAllowed):
    code = "genetic-step-not-allowed"
    title = {"fa": "در این وضعیت شدنی نیست", "en": "The case's state does not allow this step"}
