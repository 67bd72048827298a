"""What can be wrong with a permit."""

from shared.kit.problems import Problem


class ScreenerNotPosted(Problem):
    code, status = "screener-not-posted", 422
    title = {
        "fa": "این شخص غربالگر آن مرکز نیست",
        "en": "The person is not posted as a screener of that center",
    }


class PermitRevoked(Problem):
    code, status = "permit-revoked", 409
    title = {"fa": "این مجوز پیش‌تر لغو شده است", "en": "The permit is revoked already"}
