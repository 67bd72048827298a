"""What can be wrong with a tariff."""

from shared.kit.problems import Problem


class ServiceUnknown(Problem):
    code, status = "service-unknown", 422
    title = {"fa": "چنین خدمتی در فهرست خدمات نیست", "en": "The catalogue has no such service"}


class TariffNotDraft(Problem):
    code, status = "tariff-not-draft", 409
    title = {"fa": "تعرفه دیگر پیش‌نویس نیست", "en": "The tariff is no longer a draft"}
    detail = {"fa": "وضعیت تعرفه {current} است.", "en": "The tariff is {current}."}
    members = ("current",)


class SecondPersonNeeded(Problem):
    code, status = "second-person-needed", 403
    title = {
        "fa": "تأیید تعرفه با کسی جز نویسندهٔ آن است",
        "en": "A tariff is signed off by another person than who drafted it",
    }


class TariffOverlaps(Problem):
    code, status = "tariff-overlaps", 409
    title = {
        "fa": "برای بخشی از این مدت تعرفهٔ تأییدشدهٔ دیگری هست",
        "en": "Another tariff is signed off for a part of that time",
    }
    detail = {
        "fa": "تعرفهٔ تازه تنها می‌تواند جای تعرفهٔ پیش از خود را تا پایان آن بگیرد.",
        "en": "A new tariff can only follow the one before it, and must last at least as long.",
    }
