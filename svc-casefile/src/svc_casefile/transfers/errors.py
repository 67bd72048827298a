"""What can be wrong with a transfer."""

from shared.kit.problems import Problem, StepNotAllowed


class CaseFileUnknown(Problem):
    code, status = "case-file-unknown", 422
    title = {"fa": "چنین پرونده‌ای پیدا نشد", "en": "There is no such case file"}
    detail = {
        "fa": "پرونده در محدودهٔ شما نیست، یا شماره و شناسهٔ عضو با هم نمی‌خوانند.",
        "en": "It is not in your scope, or the number and the member's identity do not belong together.",
    }


class AlreadyThere(Problem):
    code, status = "already-there", 422
    title = {"fa": "پرونده هم‌اکنون همان‌جاست", "en": "The file is there already, or waits there for its center"}


class TransferUnderWay(Problem):
    code, status = "transfer-under-way", 409
    title = {"fa": "این پرونده یک انتقال در جریان دارد", "en": "The file has a transfer under way"}


class TransferStepNotAllowed(StepNotAllowed):
    code = "transfer-step-not-allowed"
    title = {"fa": "این گام در وضعیت کنونی انتقال شدنی نیست", "en": "The transfer's status does not allow this step"}


class NotYourSide(Problem):
    """`side` says who has to answer: origin or destination; for withdrawing, the side that asked."""

    code, status = "not-your-side", 403
    title = {"fa": "این گام با طرف دیگر انتقال است", "en": "This step is the other side's"}
    members = ("side",)


class CountyConfirms(Problem):
    code, status = "county-confirms", 403
    title = {
        "fa": "انتقال به شهرستان دیگر را ادارهٔ شهرستان مبدأ تأیید می‌کند",
        "en": "A transfer to another county is confirmed by the county office of the origin",
    }


class CaseFileNotAtOrigin(Problem):
    code, status = "case-file-not-at-origin", 409
    title = {"fa": "پرونده دیگر نزد مبدأ نیست یا مختومه است", "en": "The file is closed, or no longer at the origin"}


class OpenMatters(Problem):
    """`open_matters` says what is open, by kind and number."""

    code, status = "open-matters", 409
    title = {"fa": "پرونده کارهای باز دارد", "en": "Something about the file is still open"}
    detail = {
        "fa": "نخست آن‌ها را به پایان برسانید، یا با carry_over بگویید که در مقصد ادامه می‌یابند.",
        "en": "Finish it first, or say with carry_over that it goes on at the destination.",
    }
    members = ("open_matters",)


class CenterNeeded(Problem):
    code, status = "center-needed", 422
    title = {"fa": "مرکز مقصد را نام ببرید", "en": "Name the center that takes the file"}
    detail = {
        "fa": "پروندهٔ نزد یک مرکز هیچ‌گاه بی‌مرکز نمی‌ماند.",
        "en": "A file that is with a center is never without one.",
    }


class OutsideDestination(Problem):
    code, status = "outside-destination", 422
    title = {"fa": "این مرکز در مقصد خواسته‌شده نیست", "en": "The center is not in the destination that was asked for"}


class CenterFull(Problem):
    """`files` is what the center has, `coming` what it has accepted besides, `maximum` the rule in force."""

    code, status = "center-full", 409
    title = {"fa": "ظرفیت مرکز مقصد پر است", "en": "The center has no room"}
    members = ("files", "coming", "maximum")


class EffectiveInThePast(Problem):
    code, status = "effective-in-the-past", 422
    title = {"fa": "انتقال از امروز یا روزی پس از آن است", "en": "A transfer takes effect today or later"}
