"""What can be wrong with a number that somebody asks about."""

from shared.kit.problems import Problem


class LicenceNumberUnknown(Problem):
    code, status = "licence-number-unknown", 404
    title = {"fa": "پروانه‌ای با این شماره صادر نشده است", "en": "No licence was issued under this number"}
