"""What can be wrong with a command on centers."""

from shared.kit.problems import Problem, StepNotAllowed


class CenterCodeTaken(Problem):
    code, status = "center-code-taken", 409
    title = {"fa": "کد مرکز تکراری است", "en": "The center code is taken"}


class CountyUnknown(Problem):
    code, status = "county-unknown", 422
    title = {"fa": "چنین شهرستانی وجود ندارد", "en": "There is no such county"}


class CountyFull(Problem):
    code, status = "county-full", 409
    title = {"fa": "شماره‌های مرکز این شهرستان تمام شده است", "en": "The county has no center numbers left"}


class PlaceUnknown(Problem):
    code, status = "place-unknown", 422
    title = {"fa": "چنین استان، شهرستان یا مرکزی وجود ندارد", "en": "There is no such province, county or center"}


class CentersUnknown(Problem):
    code, status = "centers-unknown", 422
    title = {"fa": "برخی از این مرکزها وجود ندارند", "en": "Some of these centers do not exist"}


class CenterStepNotAllowed(StepNotAllowed):
    code = "center-step-not-allowed"
    title = {"fa": "مرکز در وضعیت این گام نیست", "en": "The center cannot take this step now"}


class CentersNotReady(Problem):
    code, status = "centers-not-ready", 409
    title = {"fa": "همهٔ مرکزها آمادهٔ بازگشایی نیستند", "en": "Not all of the centers are ready to open"}
    detail = {
        "fa": "هیچ مرکزی باز نشد؛ فهرست errors مرکزهای ناآماده را نشان می‌دهد.",
        "en": "None was opened; the errors point at those that are not ready.",
    }


class CenterNotComplete(Problem):
    code, status = "center-not-complete", 409
    title = {"fa": "مشخصات مرکز کامل نیست", "en": "The center is not complete"}
    detail = {
        "fa": "مرکزی که آماده است باید این‌ها را داشته باشد: {fields}.",
        "en": "A center that is ready must have: {fields}.",
    }
    members = ("missing",)


class CenterHasFiles(Problem):
    code, status = "center-has-files", 409
    title = {"fa": "مرکز هنوز پرونده دارد", "en": "The center still has case files"}
    detail = {
        "fa": "نخست باید {files} پروندهٔ مرکز منتقل یا بسته شود.",
        "en": "Its {files} case files must be moved or closed first.",
    }
    members = ("files",)


class CenterLicenceEnded(Problem):
    code, status = "center-licence-ended", 409
    title = {"fa": "پروانهٔ فعالیت مرکز معتبر نیست", "en": "The center's licence to be active is not in force"}
    detail = {
        "fa": "پروانهٔ شمارهٔ {number} مرکز {standing} است.",
        "en": "The center's licence {number} is {standing}.",
    }
    members = ("number", "standing")


class CenterClosed(Problem):
    code, status = "center-closed", 409
    title = {"fa": "مرکز بسته شده است", "en": "The center is closed"}


class DateInFuture(Problem):
    code, status = "date-in-future", 422
    title = {"fa": "تاریخ نمی‌تواند پس از امروز باشد", "en": "The date cannot be after today"}


class MovedBeforeItCame(Problem):
    code, status = "moved-before-it-came", 422
    title = {
        "fa": "تاریخ جابه‌جایی پیش از آغاز نشانی کنونی است",
        "en": "The move is dated before the present address began",
    }
