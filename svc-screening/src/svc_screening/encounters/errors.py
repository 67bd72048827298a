"""What can be wrong with an encounter."""

from shared.kit.problems import Problem


class EncounterIdReused(Problem):
    code, status = "encounter-id-reused", 409
    title = {"fa": "این شناسه از آنِ غربالگری دیگری است", "en": "The id belongs to another encounter"}


class ScreenerNotPermitted(Problem):
    code, status = "screener-not-permitted", 403
    title = {
        "fa": "در آن روز مجوز غربالگری این برنامه را در این مرکز نداشته‌اید",
        "en": "On that day you had no valid permit to screen for this programme at this center",
    }


class PersonUnknown(Problem):
    code, status = "person-unknown", 422
    title = {"fa": "شخصی با این شناسه نزد شما نیست", "en": "There is no person with this id in your scope"}


class BaseUnknown(Problem):
    code, status = "base-unknown", 422
    title = {"fa": "پایگاهی با این شناسه نزد شما نیست", "en": "There is no base with this id in your scope"}


class BaseNotInUse(Problem):
    code, status = "base-not-in-use", 422
    title = {
        "fa": "این پایگاه در آن روز برای این برنامه باز نبوده است",
        "en": "On that day the base was not open for this programme",
    }


class DeviceUnknown(Problem):
    code, status = "device-unknown", 422
    title = {
        "fa": "پایگاه چنین دستگاهی برای این آزمون ندارد",
        "en": "The base has no such device for this test",
    }


class SealedProgramme(Problem):
    code, status = "sealed-programme", 422
    title = {
        "fa": "این برنامه جای ثبت جداگانه دارد",
        "en": "This programme is recorded in a place of its own",
    }


class NoProtocolInForce(Problem):
    code, status = "no-protocol-in-force", 422
    title = {
        "fa": "در آن روز دستورالعملی در کار نبوده است",
        "en": "No version of the protocol was in force on that day",
    }


class TestUnknown(Problem):
    """`why`: stage-unknown, instrument-unknown, result-of-another-shape, number-of-answers, not-a-line-of-the-chart."""

    code, status = "test-unknown", 422
    title = {
        "fa": "نتیجه با گام و ابزار دستورالعمل جور نیست",
        "en": "The result is not one of that stage and instrument",
    }
    members = ("why",)


class NotARepeat(Problem):
    code, status = "not-a-repeat", 422
    title = {
        "fa": "آزمون مجدد باید آزمون نخستی را نام ببرد که رد شده است",
        "en": "A repeat names the failed test of the same person that it repeats",
    }


class MadeInTheFuture(Problem):
    code, status = "made-in-the-future", 422
    title = {"fa": "زمان آزمون در آینده است", "en": "The test would be in the future"}


class MadeBeforeBirth(Problem):
    code, status = "made-before-birth", 422
    title = {"fa": "آزمون پیش از تولد شخص است", "en": "The test would be before the person was born"}


class EncounterCorrected(Problem):
    """`corrected_by` is the encounter that corrects it, which may be corrected in its turn."""

    code, status = "encounter-corrected", 409
    title = {"fa": "این غربالگری پیش‌تر اصلاح شده است", "en": "The encounter is corrected already"}
    members = ("corrected_by",)
