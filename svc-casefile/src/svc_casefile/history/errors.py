"""Why a file cannot be shown as it was."""

from shared.kit.problems import Problem


class NotYetOpened(Problem):
    code, status = "not-yet-opened", 404
    title = {"fa": "این پرونده در آن زمان هنوز باز نشده بود", "en": "The file had not been opened by then"}


class HistoryIncomplete(Problem):
    """`before_version`: from that version on the file can be shown."""

    code, status = "history-incomplete", 409
    title = {
        "fa": "تاریخچهٔ نگه‌داشته‌شده برای بازسازی آن زمان کافی نیست",
        "en": "What is kept of the file's history does not suffice to show it as it was then",
    }
    members = ("before_version",)
