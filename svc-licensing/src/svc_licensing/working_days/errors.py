"""What can be wrong with an official holiday."""

from shared.kit.problems import Problem


class HolidayKnown(Problem):
    code, status = "holiday-known", 409
    title = {"fa": "این روز تعطیل رسمی ثبت شده است", "en": "The day is an official holiday already"}


class HolidayOver(Problem):
    code, status = "holiday-over", 409
    title = {
        "fa": "روزهای گذشته تغییر نمی‌کند",
        "en": "A day that is over stays what it was: deadlines were counted by it",
    }
