"""What can be wrong with clearing a center."""

from shared.kit.problems import Problem


class CenterStillOpen(Problem):
    code, status = "center-still-open", 409
    title = {"fa": "مرکز هنوز باز است", "en": "The center is still open"}
    detail = {
        "fa": "نخست مرکز را در رجیستری تعلیق کنید تا پروندهٔ تازه‌ای نگیرد.",
        "en": "Suspend it in the registry first, so that it is given no more files.",
    }


class CenterUnknown(Problem):
    code, status = "center-unknown", 422
    title = {"fa": "چنین مرکزی نیست", "en": "There is no such center"}


class NoRoomForAll(Problem):
    """`files` is how many files the center has, `room` how many the others can take."""

    code, status = "no-room-for-all", 409
    title = {"fa": "مرکزهای مقصد جای همهٔ پرونده‌ها را ندارند", "en": "The other centers have no room for all the files"}
    detail = {
        "fa": "هیچ پرونده‌ای جابه‌جا نشد. مقصدی فراخ‌تر نام ببرید، یا rest را waiting-list بگذارید.",
        "en": "Nothing was moved. Name a wider destination, or say that the rest goes to the waiting list.",
    }
    members = ("files", "room")
