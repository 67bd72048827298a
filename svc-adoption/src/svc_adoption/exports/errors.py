"""What can be wrong with an export."""

from shared.kit.problems import Problem, StepNotAllowed


class ExportStepNotAllowed(StepNotAllowed):
    code = "export-step-not-allowed"
    title = {"fa": "در این وضعیت خروجی شدنی نیست", "en": "The export's state does not allow this step"}


class SecondPersonForExport(Problem):
    """Who asked for the export has asked to decide on it."""

    code, status = "second-person-for-export", 409
    title = {
        "fa": "کسی جز درخواست‌کننده باید دربارهٔ خروجی تصمیم بگیرد",
        "en": "Somebody else than who asked for the export has to decide on it",
    }


class NotYoursToFetch(Problem):
    """Somebody else than who asked for it has come for the content."""

    code, status = "not-yours-to-fetch", 409
    title = {
        "fa": "خروجی را تنها درخواست‌کنندهٔ آن دریافت می‌کند",
        "en": "Only who asked for an export fetches it",
    }


class ExportOutOfDate(Problem):
    code, status = "export-out-of-date", 409
    title = {"fa": "مهلت دریافت این خروجی گذشته است", "en": "The time to fetch this export is over"}
