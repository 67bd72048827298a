"""What can be wrong with a programme's rules."""

from shared.kit.problems import Problem


class ProgrammeUnknown(Problem):
    code, status = "programme-unknown", 422
    title = {"fa": "چنین برنامه‌ای نیست", "en": "There is no such programme"}


class SecondPersonNeeded(Problem):
    code, status = "second-person-needed", 403
    title = {
        "fa": "تأیید با کسی جز پیشنهاددهنده است",
        "en": "It is signed off by another person than who proposed it",
    }


class RuleAlreadyDecides(Problem):
    code, status = "rule-already-decides", 409
    title = {"fa": "این قاعده در کار است", "en": "The rule decides already"}
    detail = {
        "fa": "قاعده‌ای که در کار است تغییر نمی‌کند؛ نسخهٔ تازه‌ای از دستورالعمل بنویسید.",
        "en": "A rule that decides does not change; draft the next version of the protocol.",
    }


class RuleIncomplete(Problem):
    code, status = "rule-incomplete", 409
    title = {"fa": "رقم‌های قاعده هنوز وارد نشده است", "en": "Nobody has set the figures of the rule yet"}


class ProtocolNotDraft(Problem):
    code, status = "protocol-not-draft", 409
    title = {"fa": "این نسخه دیگر پیش‌نویس نیست", "en": "The version is no longer a draft"}


class ProtocolTooLate(Problem):
    code, status = "protocol-too-late", 409
    title = {"fa": "این نسخه از روزی گذشته آغاز می‌شود", "en": "The version would hold from a day that has begun"}
    detail = {
        "fa": "نسخهٔ تازه از فردا یا دیرتر، و پس از آغاز نسخه‌های تأییدشده، در کار می‌آید.",
        "en": "A version comes into force tomorrow or later, and after every one that was signed off before it.",
    }
