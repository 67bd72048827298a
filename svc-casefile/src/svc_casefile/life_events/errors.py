"""What can be wrong with a life event."""

from shared.kit.problems import Problem


class LifeEventDecided(Problem):
    """`decision` is what became of it: nothing more is possible."""

    code, status = "life-event-decided", 409
    title = {"fa": "دربارهٔ این رویداد پیش‌تر تصمیم گرفته شده است", "en": "The life event is decided already"}
    detail = {"fa": "وضعیت کنونی رویداد: {decision}", "en": "It is {decision}; nothing more can be done with it."}
    members = ("decision",)


class OwnReport(Problem):
    code, status = "own-report", 403
    title = {"fa": "کسی رویدادی را که خود ثبت کرده تأیید نمی‌کند", "en": "Nobody approves what they have recorded"}


class OthersReport(Problem):
    code, status = "others-report", 403
    title = {"fa": "تنها ثبت‌کننده می‌تواند آن را پس بگیرد", "en": "Only who recorded it can withdraw it"}


class NewHeadNeeded(Problem):
    """`proposed` is a member who could be the new head, by kinship and age."""

    code, status = "new-head-needed", 409
    title = {
        "fa": "سرپرست تازه باید تعیین شود",
        "en": "The head leaves the household: name the new one",
    }
    detail = {
        "fa": "سرپرست تازه را در new_head بفرستید.",
        "en": "Send the member who becomes the head in `new_head`.",
    }
    members = ("proposed",)


class LifeEventOutdated(Problem):
    """`changed` names the fields that are no longer as they were when the event was recorded."""

    code, status = "life-event-outdated", 409
    title = {
        "fa": "پرونده از زمان ثبت این رویداد تغییر کرده است",
        "en": "The file has changed since the event was recorded",
    }
    detail = {
        "fa": "این رویداد را رد کنید یا پس بگیرید و در صورت لزوم دوباره ثبت کنید.",
        "en": "Refuse or withdraw it, and record it again if it still holds.",
    }
    members = ("changed",)


class HappenedBeforeBirth(Problem):
    code, status = "happened-before-birth", 422
    title = {"fa": "تاریخ رویداد پیش از تولد شخص است", "en": "It would have happened before the person was born"}


class HeadStays(Problem):
    code, status = "head-stays", 422
    title = {
        "fa": "سرپرست خانوار عوض نمی‌شود؛ سرپرست تازه‌ای لازم نیست",
        "en": "The event is not about the head: no new head is needed",
    }


class LastMember(Problem):
    code, status = "last-member", 422
    title = {
        "fa": "این شخص تنها عضو خانوار است؛ به جای آن پرونده را مختومه کنید",
        "en": "Nobody else is in the household: close the file instead",
    }
