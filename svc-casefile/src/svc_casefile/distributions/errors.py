"""What can be wrong with a distribution."""

from shared.kit.problems import Problem


class NotACountyOrProvince(Problem):
    code, status = "not-a-county-or-province", 422
    title = {
        "fa": "توزیع برای یک شهرستان یا یک استان انجام می‌شود",
        "en": "A distribution is for a county or a province",
    }


class NoRuleInForce(Problem):
    """`centers` names the open centers for which no maximum holds on that day."""

    code, status = "no-rule-in-force", 409
    title = {
        "fa": "در این تاریخ برای برخی مرکزها سقف پرونده تعیین نشده است",
        "en": "On that day no rule says how many files some of the centers may have",
    }
    members = ("centers",)


class DistributionDecided(Problem):
    """`decision` says what became of it."""

    code, status = "distribution-decided", 409
    title = {"fa": "دربارهٔ این توزیع پیش‌تر تصمیم گرفته شده است", "en": "The distribution was decided on before"}
    members = ("decision",)


class DistributionOutdated(Problem):
    """`changes` names what is no longer as the plan saw it, up to a limit; `more` counts the rest."""

    code, status = "distribution-outdated", 409
    title = {"fa": "وضع از زمان طرح توزیع دگرگون شده است", "en": "The world has moved on since the plan was made"}
    detail = {
        "fa": "هیچ پرونده‌ای جابه‌جا نشد. این طرح را کنار بگذارید و طرحی تازه بسازید.",
        "en": "Nothing was moved. Drop this plan and make a new one.",
    }
    members = ("changes", "more")
