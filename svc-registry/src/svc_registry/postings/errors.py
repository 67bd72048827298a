"""What can be wrong with a posting."""

from shared.kit.problems import Problem


class RoleNotYoursToGrant(Problem):
    code, status = "role-not-yours-to-grant", 403
    title = {"fa": "گماردن در این نقش در اختیار شما نیست", "en": "This role is not yours to grant or end"}


class RoleNotAtLevel(Problem):
    code, status = "role-not-at-level", 422
    title = {"fa": "این نقش در این سطح وجود ندارد", "en": "There is no such role at this level"}
    detail = {"fa": "سطح‌های این نقش: {levels}.", "en": "The role exists at: {levels}."}
    members = ("allowed",)


class PostingOverlaps(Problem):
    code, status = "posting-overlaps", 409
    title = {
        "fa": "این شخص در بخشی از این مدت همین نقش را در همین‌جا دارد",
        "en": "The person already holds this role here in a part of that time",
    }


class PostingEnded(Problem):
    code, status = "posting-ended", 409
    title = {"fa": "این گماردن پیش‌تر پایان یافته است", "en": "The posting has ended already"}


class LastDayOutOfTurn(Problem):
    code, status = "last-day-out-of-turn", 422
    title = {
        "fa": "روز پایان باید از امروز تا پایان کنونی و نه پیش از آغاز باشد",
        "en": "The last day must be today or later, within the posting's present term",
    }
