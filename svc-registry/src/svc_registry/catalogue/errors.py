"""What can be wrong with a command on the catalogue."""

from shared.kit.problems import Problem


class ServiceCodeTaken(Problem):
    code, status = "service-code-taken", 409
    title = {"fa": "کد خدمت تکراری است", "en": "The service code is taken"}


class ActiveToTooEarly(Problem):
    code, status = "active-to-too-early", 422
    title = {
        "fa": "پایان خدمت پیش از آغاز آن است",
        "en": "The service would end before it begins",
    }
