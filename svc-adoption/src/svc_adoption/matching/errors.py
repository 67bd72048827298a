"""What can be wrong with a proposal."""

from shared.kit.problems import Problem, StepNotAllowed


class MatchStepNotAllowed(StepNotAllowed):
    code = "match-step-not-allowed"
    title = {"fa": "وضعیت این پیشنهاد آن گام را نمی‌پذیرد", "en": "The proposal's state does not allow this step"}


class DoesNotFit(Problem):
    """`errors` says each thing that stands against it, with the article it is from."""

    code, status = "does-not-fit", 422
    title = {"fa": "این کودک را نمی‌توان به این خانواده سپرد", "en": "The child cannot be placed with this family"}


class OutOfTurn(Problem):
    code, status = "out-of-turn", 409
    title = {
        "fa": "خانواده‌هایی پیش از این خانواده هستند که این کودک به آنان سپردنی است",
        "en": "Families ahead of this one would fit as well: say why it is this one's turn",
    }
    members = ("ahead",)


class ChildNotFree(Problem):
    code, status = "child-not-free", 409
    title = {"fa": "کودک هم‌اکنون آمادهٔ سپردن نیست", "en": "The child is not free to be placed now"}


class ProposedAlready(Problem):
    code, status = "proposed-already", 409
    title = {"fa": "کودک دیگری به این خانواده پیشنهاد شده است", "en": "A child is proposed to this family already"}
