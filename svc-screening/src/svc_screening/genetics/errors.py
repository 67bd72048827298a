"""What can be wrong with a genetic case."""

from shared.kit.problems import Problem


class GeneticStepNotAllowed(Problem):
    code, status = "genetic-step-not-allowed", 409
    title = {"fa": "در این وضعیت شدنی نیست", "en": "The case's state does not allow this step"}
    members = ("present",)
