"""What can be wrong with a person."""

from shared.kit.problems import Problem


class PersonIdReused(Problem):
    code, status = "person-id-reused", 409
    title = {"fa": "این شناسه از آنِ شخص دیگری است", "en": "The id belongs to another person"}


class PersonKnown(Problem):
    """`person_id` is the one who is registered with that number inside the caller's scope."""

    code, status = "person-known", 409
    title = {"fa": "این شخص ثبت شده است", "en": "The person is registered already"}
    members = ("person_id",)


class PersonMerged(Problem):
    code, status = "person-merged", 409
    title = {
        "fa": "این شخص همان شخص دیگری شناخته شده است",
        "en": "The person proved to be another, and is kept as that one",
    }
    members = ("merged_into",)


class KnownFromHousehold(Problem):
    code, status = "known-from-household", 409
    title = {
        "fa": "این مشخصات از پروندهٔ خانوار می‌آید",
        "en": "This is known from the household's file, and changed there",
    }


class StillInHousehold(Problem):
    code, status = "still-in-household", 409
    title = {
        "fa": "عضو کنونی یک خانوار با شخص دیگری یکی نمی‌شود",
        "en": "Who is in a household's file is the one that others are matched with",
    }


class DifferentPersons(Problem):
    code, status = "different-persons", 409
    title = {
        "fa": "شناسه یا تاریخ تولد این دو یکی نیست",
        "en": "The two have different identities or different days of birth",
    }


class NotAnotherPerson(Problem):
    code, status = "not-another-person", 422
    title = {"fa": "شخص دیگری با این شناسه نیست", "en": "There is no other person with this id"}
