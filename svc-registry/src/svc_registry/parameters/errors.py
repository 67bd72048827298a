"""What can be wrong with a command on parameters."""

from shared.kit.problems import Problem


class ParameterUnknown(Problem):
    code, status = "parameter-unknown", 422
    title = {
        "fa": "پارامتری با این نام برای کشور تعریف نشده است",
        "en": "The nation has no parameter of this name to differ from",
    }


class UnitDiffers(Problem):
    code, status = "unit-differs", 422
    title = {"fa": "یکای پارامتر درست نیست", "en": "The unit is not that of the parameter"}
    detail = {"fa": "یکای این پارامتر {unit} است.", "en": "The parameter is counted in {unit}."}
    members = ("unit",)


class UnitMissing(Problem):
    code, status = "unit-missing", 422
    title = {"fa": "پارامتر تازه یکا می‌خواهد", "en": "A new parameter needs a unit"}


class ParameterOverlaps(Problem):
    code, status = "parameter-overlaps", 409
    title = {
        "fa": "برای این مدت مقدار دیگری ثبت شده است",
        "en": "Another value begins inside that time",
    }


class ValidToTooEarly(Problem):
    code, status = "valid-to-too-early", 422
    title = {"fa": "پایان پیش از آغاز است", "en": "It would end before it begins"}
