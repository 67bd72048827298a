"""What can be wrong with following a request."""

from shared.kit.problems import Problem


class TrackingUnknown(Problem):
    """Told alike for a code that no request has and for a PIN that is not its own."""

    code, status = "tracking-unknown", 404
    title = {
        "fa": "درخواستی با این کد رهگیری و رمز نیست",
        "en": "No request has this tracking code and PIN",
    }
    detail = {
        "fa": "کد ۱۶ رقمی و رمز ۶ رقمی را دوباره بخوانید؛ اگر رمز را فراموش کرده‌اید کد و رمز تازه بخواهید.",
        "en": "Check both numbers; if the PIN is forgotten, ask for a new code.",
    }
