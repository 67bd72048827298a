"""What can be wrong with a certificate that is asked for."""

from shared.kit.problems import Problem


class NothingToCertify(Problem):
    code, status = "nothing-to-certify", 409
    title = {"fa": "این پروانه اکنون معتبر نیست", "en": "The licence is not in force: there is nothing to certify"}
