"""What can be wrong with the requirements of a form."""

from shared.kit.problems import Problem


class RequirementNotProposed(Problem):
    code, status = "requirement-not-proposed", 409
    title = {"fa": "این نسخه پیشتر تأیید شده است", "en": "Somebody vouches for this version already"}


class SecondSignatureNeeded(Problem):
    """Who proposed it has asked to sign it off."""

    code, status = "second-signature-needed", 409
    title = {
        "fa": "کسی جز پیشنهاددهنده باید تأیید کند",
        "en": "Somebody else than who proposed it has to sign it off",
    }


class RequirementTooLate(Problem):
    code, status = "requirement-too-late", 409
    title = {
        "fa": "تاریخ آغاز این نسخه باید پس از امروز و پس از نسخه‌های تأییدشده باشد",
        "en": "A version has to begin after today and after those that are signed off",
    }


class FormHasNoRules(Problem):
    """`form` waits for headquarters to say what it asks for, and for a second person to sign that off."""

    code, status = "form-has-no-rules", 409
    title = {
        "fa": "مدارک و روند این نوع مراقبت هنوز تأیید نشده است",
        "en": "Nobody has signed off yet what this form of care asks for",
    }
    detail = {
        "fa": "پیش‌نویس درخواست می‌ماند تا ستاد الزامات «{form}» را تعیین و شخص دیگری آن را تأیید کند.",
        "en": "The draft stays until headquarters sets the requirements of {form} and somebody else signs them off.",
    }
    members = ("form",)
