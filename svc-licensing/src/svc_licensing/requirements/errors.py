"""What can be wrong with what a licence takes."""

from shared.kit.problems import Problem


class RequirementVouchedFor(Problem):
    code, status = "requirement-vouched-for", 409
    title = {"fa": "این شرط در کار است", "en": "The requirement is in force already"}
    detail = {
        "fa": "شرطی که در کار است تغییر نمی‌کند؛ شرط تازه‌ای از روزی در آینده پیشنهاد کنید.",
        "en": "A requirement that is in force does not change; propose the next one from a day to come.",
    }


class RequirementIncomplete(Problem):
    code, status = "requirement-incomplete", 409
    title = {"fa": "رقم‌های شرط هنوز وارد نشده است", "en": "Nobody has set the figures of the requirement yet"}


class SecondPersonNeeded(Problem):
    code, status = "second-person-needed", 403
    title = {
        "fa": "تأیید با کسی جز پیشنهاددهنده است",
        "en": "It is signed off by another person than who proposed it",
    }


class RequirementTooLate(Problem):
    code, status = "requirement-too-late", 409
    title = {"fa": "شرط از روزی گذشته آغاز یا پایان می‌یابد", "en": "It would begin or end on a day that is over"}
