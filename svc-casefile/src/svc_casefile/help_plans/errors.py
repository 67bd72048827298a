"""What can be wrong with an assessment or a help plan."""

from shared.kit.problems import Problem, StepNotAllowed


class PlanStepNotAllowed(StepNotAllowed):
    code = "plan-step-not-allowed"
    title = {"fa": "در این وضعیت برنامه شدنی نیست", "en": "The help plan's status does not allow this step"}


class PlanInForce(Problem):
    """`help_plan_id` is the one in force."""

    code, status = "plan-in-force", 409
    title = {"fa": "خانوار برنامهٔ کمکی جاری دارد", "en": "The household has a help plan in force"}
    detail = {
        "fa": "نخست آن را به پایان برسانید یا متوقف کنید.",
        "en": "Complete or stop that one first.",
    }
    members = ("help_plan_id",)


class GoalsWithoutOutcome(Problem):
    """`goals` are their ids."""

    code, status = "goals-without-outcome", 409
    title = {"fa": "نتیجهٔ برخی هدف‌ها ثبت نشده است", "en": "Some goals have no outcome yet"}
    detail = {
        "fa": "برنامه با ثبت نتیجهٔ همهٔ هدف‌ها به پایان می‌رسد.",
        "en": "A plan is complete when it is known what came of each of its goals.",
    }
    members = ("goals",)


class AssessmentUnknown(Problem):
    code, status = "assessment-unknown", 422
    title = {"fa": "این خانوار چنین ارزیابی‌ای ندارد", "en": "The household has no such assessment"}


class GoalUnknown(Problem):
    code, status = "goal-unknown", 422
    title = {"fa": "برنامه چنین هدفی ندارد", "en": "The plan has no such goal"}


class ReviewInThePast(Problem):
    code, status = "review-in-the-past", 422
    title = {"fa": "تاریخ بازبینی گذشته است", "en": "The review would be on a day that is over"}
