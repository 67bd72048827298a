"""What can be wrong with an assignment."""

from shared.kit.problems import Problem


class CaseFilesUnknown(Problem):
    code, status = "case-files-unknown", 422
    title = {"fa": "برخی از این پرونده‌ها پیدا نشدند", "en": "Some of these case files do not exist"}


class CaseFilesChanged(Problem):
    code, status = "case-files-changed", 412
    title = {
        "fa": "برخی از پرونده‌ها پس از خواندن شما تغییر کرده‌اند",
        "en": "Some of the files have changed since you read them",
    }


class NotACenter(Problem):
    code, status = "not-a-center", 422
    title = {"fa": "کد هفت‌رقمی یک مرکز لازم است", "en": "The seven-digit code of a center is needed"}


class AssignmentPlanDecided(Problem):
    """`decision` says what became of it."""

    code, status = "assignment-plan-decided", 409
    title = {"fa": "دربارهٔ این طرح پیش‌تر تصمیم گرفته شده است", "en": "The plan was decided on before"}
    members = ("decision",)


class AssignmentPlanOutdated(Problem):
    """`case_files` names the files that are no longer as the plan saw them."""

    code, status = "assignment-plan-outdated", 409
    title = {"fa": "وضع از زمان این طرح دگرگون شده است", "en": "The world has moved on since the plan was made"}
    detail = {
        "fa": "هیچ پرونده‌ای واگذار نشد. این طرح را کنار بگذارید و طرحی تازه بسازید.",
        "en": "Nothing was assigned. Drop this plan and make a new one.",
    }
    members = ("case_files",)
