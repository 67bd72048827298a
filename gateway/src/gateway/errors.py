"""What only the gateway refuses. The problems that services share with it are in `shared.kit.problems`."""

from shared.kit.problems import Problem


class InvalidScope(Problem):
    code, status = "invalid-scope", 400
    title = {"fa": "سرآیند X-Scope درست نیست", "en": "The X-Scope header is not a scope"}
    detail = {
        "fa": "X-Scope باید یک بار بیاید: IR یا کد ۲ رقمی استان، ۴ رقمی شهرستان یا ۷ رقمی مرکز.",
        "en": "X-Scope comes once: IR, or the 2-digit code of a province, 4-digit of a county, 7-digit of a center.",
    }


class PurposeRequired(Problem):
    code, status = "purpose-required", 400
    title = {"fa": "باید بگویید چرا این پرونده را می‌خوانید", "en": "Say why you read this file"}
    detail = {
        "fa": "سرآیند X-Purpose با یک جملهٔ کوتاه بفرستید؛ در سابقهٔ خواندن می‌ماند.",
        "en": "Send an X-Purpose header with a short sentence; it stays on the record of who read.",
    }


class InvalidPurpose(Problem):
    code, status = "invalid-purpose", 400
    title = {"fa": "سرآیند X-Purpose پذیرفتنی نیست", "en": "The X-Purpose header cannot be kept"}
    detail = {
        "fa": "X-Purpose یک جملهٔ کوتاه است (۱ تا ۲۰۰ نویسه، UTF-8 یا percent-encoded) و شماره‌ای از کسی در آن نمی‌آید.",
        "en": "X-Purpose is a short sentence: 1 to 200 characters, UTF-8 or percent-encoded, nobody's number.",
    }


class NoPosting(Problem):
    code, status = "no-posting", 403
    title = {"fa": "شما در هیچ محدوده‌ای سمت ندارید", "en": "You hold no posting anywhere"}
    detail = {
        "fa": "هویت شما شناخته شد، اما امروز سمتی به نام شما ثبت نیست. از اداره کل استان بخواهید آن را ثبت کند.",
        "en": "We know who you are, but no posting of yours is in force today. Your province's office can grant one.",
    }


class TooManyEventStreams(Problem):
    code, status = "too-many-event-streams", 429
    title = {"fa": "جریان‌های رویداد باز شما بیش از حد است", "en": "You have too many event streams open"}


class InvalidEventPosition(Problem):
    code, status = "invalid-event-position", 400
    title = {"fa": "سرآیند Last-Event-ID درست نیست", "en": "The Last-Event-ID header was not given by this stream"}
    detail = {
        "fa": "مقدار id آخرین رویداد را همان‌گونه که گرفته‌اید بفرستید، یا بدون آن از اکنون آغاز کنید.",
        "en": "Send the id of the last event as you received it, or leave it out to start from now.",
    }
