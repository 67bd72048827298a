"""What can be wrong with a center that somebody names."""

from shared.kit.problems import Problem


class CenterNotOpen(Problem):
    code, status = "center-not-open", 422
    title = {"fa": "مرکزی باز با این کد نیست", "en": "There is no open center with this code"}
