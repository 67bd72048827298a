"""What can be wrong with a campaign."""

from shared.kit.problems import Problem, StepNotAllowed


class CampaignStepNotAllowed(StepNotAllowed):
    code = "campaign-step-not-allowed"
    title = {"fa": "در این وضعیت پویش شدنی نیست", "en": "The campaign's status does not allow this step"}


class NotAnArea(Problem):
    code, status = "not-an-area", 422
    title = {
        "fa": "پویش در کشور، یک استان یا یک شهرستان است",
        "en": "A campaign is of the nation, a province or a county",
    }


class SeasonOver(Problem):
    code, status = "season-over", 422
    title = {"fa": "فصل پویش گذشته است", "en": "The season would be over already"}
