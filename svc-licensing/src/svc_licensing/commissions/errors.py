"""What can be wrong with a session of the commission."""

from shared.kit.problems import Problem, StepNotAllowed


class SessionStepNotAllowed(StepNotAllowed):
    code = "session-step-not-allowed"
    title = {"fa": "در این وضعیت جلسه شدنی نیست", "en": "The session's status does not allow this step"}


class NotAProvince(Problem):
    code, status = "not-a-province", 422
    title = {"fa": "کمیسیون از آن یک استان است", "en": "A commission is a province's"}


class SeatUnknown(Problem):
    code, status = "seat-unknown", 422
    title = {"fa": "این شخص به جلسه دعوت نشده است", "en": "The person was not invited to the session"}


class SessionNotDone(Problem):
    """`numbers` names the applications on the table of which nothing was decided."""

    code, status = "session-not-done", 409
    title = {"fa": "دستور جلسه هنوز تمام نشده است", "en": "There are applications on the table"}
    members = ("numbers",)


class NotSeated(Problem):
    code, status = "not-seated", 403
    title = {"fa": "شما در این جلسه عضو حاضر نیستید", "en": "You are not among those who came to this session"}


class SessionNotOpen(Problem):
    code, status = "session-not-open", 409
    title = {"fa": "جلسه باز نیست", "en": "The session is not open"}
