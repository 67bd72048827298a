"""What can be wrong with a base or a device."""

from shared.kit.problems import Problem


class CampaignElsewhere(Problem):
    code, status = "campaign-elsewhere", 422
    title = {
        "fa": "پویشی با این شناسه برای این مرکز و این برنامه‌ها نیست",
        "en": "There is no such campaign at this center for one of these programmes",
    }


class BaseClosedBeforeOpened(Problem):
    code, status = "base-closed-before-opened", 422
    title = {"fa": "پایگاه پیش از گشایش بسته می‌شد", "en": "The base would be closed before it was opened"}


class SerialNumberTaken(Problem):
    code, status = "serial-number-taken", 409
    title = {"fa": "این دستگاه در پایگاه هست", "en": "The base has this device already"}


class InstrumentUnknown(Problem):
    code, status = "instrument-unknown", 422
    title = {
        "fa": "برنامه‌های این پایگاه چنین ابزاری ندارند",
        "en": "The programmes of the base know no such instrument",
    }
