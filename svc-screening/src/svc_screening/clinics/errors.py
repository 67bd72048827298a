"""What can be wrong with a clinic."""

from shared.kit.problems import Problem


class ClinicUnknown(Problem):
    code, status = "clinic-unknown", 422
    title = {
        "fa": "مرکزی با این شناسه برای این ارجاع نیست",
        "en": "There is no such clinic in use for what was referred",
    }
