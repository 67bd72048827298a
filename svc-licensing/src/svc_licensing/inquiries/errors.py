"""What can be wrong with an inquiry."""

from shared.kit.problems import Problem, StepNotAllowed


class InquiryStepNotAllowed(StepNotAllowed):
    code = "inquiry-step-not-allowed"
    title = {"fa": "در این وضعیت استعلام شدنی نیست", "en": "The inquiry's status does not allow this step"}


class EvidenceNeedsAnother(Problem):
    code, status = "evidence-needs-another", 403
    title = {
        "fa": "مدرک دستی را کسی جز آورنده‌اش تأیید می‌کند",
        "en": "Evidence is confirmed by another person than who gave it",
    }


class NoExtensionLeft(Problem):
    code, status = "no-extension-left", 409
    title = {"fa": "مهلت این استعلام دیگر تمدید نمی‌شود", "en": "The inquiry's time cannot be extended any more"}


class SystemStateKnown(Problem):
    code, status = "system-state-known", 409
    title = {"fa": "وضعیت سامانه همین است", "en": "The system is known to be in this state already"}
