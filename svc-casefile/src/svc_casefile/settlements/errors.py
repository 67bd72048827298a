"""What can be wrong with a settlement."""

from shared.kit.problems import Problem, StepNotAllowed


class MonthNotBegun(Problem):
    code, status = "month-not-begun", 422
    title = {"fa": "این ماه هنوز آغاز نشده است", "en": "The month has not begun"}


class SettlementStepNotAllowed(StepNotAllowed):
    code = "settlement-step-not-allowed"
    title = {"fa": "در این وضعیت صورت‌حساب شدنی نیست", "en": "The statement's status does not allow this step"}


class SettlementOutdated(Problem):
    code, status = "settlement-outdated", 409
    title = {
        "fa": "از زمان تهیهٔ پیش‌نویس چیزی ثبت شده که صورت‌حساب را تغییر می‌دهد",
        "en": "Since the draft was made something was recorded that changes the statement",
    }
    detail = {
        "fa": "پیش‌نویس را دوباره تهیه کنید، ببینید و سپس ببندید.",
        "en": "Draft it again, look at it, and close it then.",
    }


class LineNotClosed(Problem):
    code, status = "line-not-closed", 409
    title = {"fa": "سطر پیش‌نویس اصلاح نمی‌شود", "en": "A line of a draft is not corrected"}
    detail = {
        "fa": "آنچه سطر از آن ساخته شده را درست کنید و پیش‌نویس را دوباره تهیه کنید.",
        "en": "Put right what the line is made from, and draft the statement again.",
    }


class LineCorrected(Problem):
    code, status = "line-corrected", 409
    title = {
        "fa": "این سطر پیش‌تر اصلاح شده است، یا خود سطر برگشت است",
        "en": "The line was corrected before, or is itself a reversal",
    }


class TooManyDays(Problem):
    code, status = "too-many-days", 422
    title = {"fa": "روزها بیش از روزهای آن سطر است", "en": "The line does not have so many days"}


class LineDisputed(Problem):
    code, status = "line-disputed", 409
    title = {"fa": "برای این سطر اعتراضی باز هست", "en": "There is an open dispute about the line"}


class DisputeAnswered(Problem):
    code, status = "dispute-answered", 409
    title = {"fa": "این اعتراض پیش‌تر پاسخ گرفته است", "en": "The dispute has had its answer"}


class AnotherPersonNeeded(Problem):
    code, status = "another-person-needed", 403
    title = {
        "fa": "این گام با کسی جز شماست",
        "en": "This step is for another person than you",
    }
    detail = {
        "fa": "کسی به اعتراض خود پاسخ نمی‌دهد و صورت‌حسابی را که خود بسته است تأیید نمی‌کند.",
        "en": "Nobody answers their own dispute, or approves a statement that they have closed.",
    }
