"""What can be wrong with an import, and with a line of one."""

from shared.kit.problems import Problem


class UploadCut(Problem):
    """What came whole is taken in all the same."""

    code, status = "upload-cut", 408
    title = {"fa": "ارسال فایل نیمه‌کاره ماند", "en": "The upload ended before the file did"}


class MalformedLine(Problem):
    code, status = "malformed-line", 422
    title = {"fa": "این خط یک شیء JSON درست نیست", "en": "The line is not a JSON object"}


class LineNotUtf8(Problem):
    code, status = "line-not-utf-8", 422
    title = {"fa": "این خط با UTF-8 نوشته نشده است", "en": "The line is not UTF-8 text"}


class LineTooLong(Problem):
    code, status = "line-too-long", 422
    title = {"fa": "این خط بیش از ۶۴ کیلوبایت است", "en": "The line is longer than 64 KiB"}


class LineCut(Problem):
    code, status = "line-cut", 422
    title = {
        "fa": "ارسال در میانهٔ این خط قطع شد؛ فایل را دوباره بفرستید",
        "en": "The upload ended in the middle of this line; send the file again",
    }


class PersonInEarlierLine(Problem):
    code, status = "person-in-earlier-line", 422
    title = {"fa": "این شخص در خط دیگری از همین فایل آمده است", "en": "The person is in an earlier line of the file"}


class LineNotTakenIn(Problem):
    code, status = "line-not-taken-in", 500
    title = {
        "fa": "این خط به سبب خطایی در سامانه ثبت نشد",
        "en": "The line was not taken in because something went wrong on our side",
    }
