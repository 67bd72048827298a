"""What can be wrong with a member of a household."""

from shared.kit.problems import Problem


class PersonAlreadyInCaseFile(Problem):
    """`errors` points to each such person; `case_files` names the other files that the caller's scope covers."""

    code, status = "person-already-in-case-file", 409
    title = {
        "fa": "این شخص عضو پروندهٔ در جریان دیگری است",
        "en": "The person is already in another household's open file",
    }
    members = ("case_files",)


class HeadIsNeeded(Problem):
    code, status = "head-is-needed", 409
    title = {"fa": "خانوار بی‌سرپرست نمی‌ماند", "en": "A household is never without its head"}
    detail = {
        "fa": "نخست سرپرست تازه را با change-head تعیین کنید.",
        "en": "Name the new head first, with :change-head.",
    }


class OneHeadOnly(Problem):
    code, status = "one-head-only", 409
    title = {"fa": "خانوار سرپرست دارد", "en": "The household has a head"}
    detail = {
        "fa": "سرپرست با change-head عوض می‌شود.",
        "en": "The head changes with :change-head.",
    }


class HouseholdFull(Problem):
    code, status = "household-full", 409
    title = {"fa": "پرونده بیش از ۴۰ عضو نمی‌گیرد", "en": "A case file takes no more than 40 members"}


class SeverityAlone(Problem):
    code, status = "severity-without-disability", 422
    title = {"fa": "شدت معلولیت بدون نوع معلولیت معنا ندارد", "en": "A severity needs a disability_type"}
