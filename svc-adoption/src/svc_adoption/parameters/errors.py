"""What is wrong when a rule is asked for that nobody has set."""

from shared.kit.problems import Problem


class RuleNotSet(Problem):
    """`rule` is the name of the registry's parameter that a person has to set first."""

    code, status = "rule-not-set", 409
    title = {"fa": "قاعده‌ای که این گام به آن نیاز دارد تعیین نشده است", "en": "A rule that this step needs is not set"}
    detail = {"fa": "ستاد باید {rule} را تعیین کند.", "en": "Headquarters has to set {rule}."}
    members = ("rule",)
