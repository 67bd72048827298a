"""What can go wrong, said once: a stable code, a status, and a sentence in Persian and in English (RFC 9457).

A feature's `errors.py` subclasses `Problem`; `raise CaseFileClosed(number=…)` is all that a service does.
Bodies carry what the caller needs to act and never the rejected input.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import ErrorDetails

type_prefix = "/problems/"

Language = Literal["fa", "en"]
Sentence = Mapping[str, str]
"""The same sentence under the keys "fa" and "en"."""


class InvalidValue(ValueError):
    """A value that its type refuses, with a code and a sentence for people. `str()` is the English one."""

    def __init__(self, code: str, *, fa: str, en: str) -> None:
        super().__init__(en)
        self.code = code
        self.message: Sentence = {"fa": fa, "en": en}


@dataclass(frozen=True)
class FieldError:
    """One thing wrong in the input; `pointer` is a JSON Pointer into it (`/members/0/birth_date`)."""

    pointer: str
    code: str
    message: Sentence


PROBLEMS: dict[str, type["Problem"]] = {}


class Problem(Exception):
    """A refusal that the caller is told about.

    `detail` holds format templates that `values` fill; the values named in `members` also appear in the body.
    Raises TypeError when a subclass takes a code of another status, KeyError when a template lacks a value.
    """

    code: ClassVar[str] = "problem"
    status: ClassVar[int] = 500
    title: ClassVar[Sentence] = {"fa": "خطا", "en": "Problem"}
    detail: ClassVar[Sentence | None] = None
    members: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        known = PROBLEMS.setdefault(cls.code, cls)
        if known.status != cls.status:
            raise TypeError(
                f"{cls.__name__}: the code {cls.code!r} stands for status {known.status} in {known.__name__}"
            )

    def __init__(
        self, *, errors: Iterable[FieldError] = (), headers: Mapping[str, str] | None = None, **values: object
    ) -> None:
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.values = values
        self.details = {key: text.format(**values) for key, text in (self.detail or {}).items()}
        super().__init__(self.details.get("en", self.title["en"]))

    def body(self, language: Language, instance: str | None = None, trace_id: str | None = None) -> dict[str, Any]:
        """The problem document, ready for JSON."""
        body: dict[str, Any] = {
            "type": type_prefix + self.code,
            "title": self.title[language],
            "status": self.status,
            "code": self.code,
        }
        if self.details:
            body["detail"] = self.details[language]
        if instance is not None:
            body["instance"] = instance
        if trace_id is not None:
            body["trace_id"] = trace_id
        if self.errors:
            body["errors"] = [
                {"pointer": error.pointer, "code": error.code, "message": error.message[language]}
                for error in self.errors
            ]
        return body | {name: self.values[name] for name in self.members if name in self.values}


class FieldErrorDocument(BaseModel):
    """One wrong field of the input."""

    pointer: str = Field(description="JSON Pointer into the request body, or the name of a parameter")
    code: str
    message: str


class ProblemDocument(BaseModel):
    """A problem as it is sent (`application/problem+json`): the schema for OpenAPI."""

    model_config = ConfigDict(extra="allow", title="Problem")

    type: str
    title: str = Field(description="What is wrong, in the language of the caller (`Accept-Language: fa` or `en`)")
    status: int
    code: str = Field(description="Stable: the one to program against")
    detail: str | None = None
    instance: str | None = None
    trace_id: str | None = None
    errors: list[FieldErrorDocument] | None = None


class MalformedBody(Problem):
    code, status = "malformed-body", 400
    title = {"fa": "متن درخواست خوانا نیست", "en": "The request body cannot be read"}


class ScopeRequired(Problem):
    code, status = "scope-required", 400
    title = {"fa": "محدودهٔ کار را مشخص کنید", "en": "Say in which scope you act"}
    detail = {
        "fa": "شما چند محدوده دارید؛ یکی را در سرآیند X-Scope بفرستید.",
        "en": "You hold postings in several scopes; name one in the X-Scope header.",
    }
    members = ("scopes",)


class IdempotencyKeyRequired(Problem):
    code, status = "idempotency-key-required", 400
    title = {"fa": "سرآیند Idempotency-Key لازم است", "en": "The Idempotency-Key header is required"}


class Unauthorised(Problem):
    code, status = "unauthorised", 401
    title = {"fa": "وارد نشده‌اید یا نشست شما پایان یافته است", "en": "You are not signed in, or no longer"}

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": "Bearer"})


class Forbidden(Problem):
    code, status = "forbidden", 403
    title = {"fa": "اجازهٔ این کار را ندارید", "en": "You may not do this"}


class ScopeForbidden(Problem):
    code, status = "scope-forbidden", 403
    title = {"fa": "این محدوده در اختیار شما نیست", "en": "This scope is not yours"}


class NotFound(Problem):
    code, status = "not-found", 404
    title = {"fa": "چیزی با این نشانی پیدا نشد", "en": "There is nothing at this address"}


class MethodNotAllowed(Problem):
    code, status = "method-not-allowed", 405
    title = {"fa": "این نشانی چنین عملی ندارد", "en": "This address does not support the method"}


class NotAcceptable(Problem):
    code, status = "not-acceptable", 406
    title = {"fa": "پاسخ در قالب خواسته‌شده فراهم نیست", "en": "The response is not available in the format asked for"}


class Conflict(Problem):
    code, status = "conflict", 409
    title = {"fa": "این درخواست با وضع کنونی داده‌ها سازگار نیست", "en": "The request conflicts with the current state"}


class StepNotAllowed(Problem):
    """Asked out of turn: what a state machine refuses, under a code and a title of its own.

    `present` is the status it is in, `allowed` names the operations that are possible there.
    """

    code, status = "step-not-allowed", 409
    title = {"fa": "در این وضعیت شدنی نیست", "en": "The present status does not allow this step"}
    detail = {
        "fa": "وضعیت کنونی: {present}. گام‌های شدنی: {steps}",
        "en": "The present status is {present}. Possible: {steps}",
    }
    members = ("present", "allowed")

    def __init__(self, *, present: str, allowed: Iterable[str]) -> None:
        names = [*allowed]
        super().__init__(present=present, allowed=names, steps=", ".join(names) or "–")


class PreconditionFailed(Problem):
    code, status = "precondition-failed", 412
    title = {
        "fa": "نسخه‌ای که در دست شماست به‌روز نیست",
        "en": "The version you hold is not the current one",
    }
    detail = {
        "fa": "تازه‌ترین نسخه را بخوانید و تغییر را روی آن دوباره بفرستید.",
        "en": "Read the resource again and send the change with its current ETag in If-Match.",
    }


class PayloadTooLarge(Problem):
    code, status = "payload-too-large", 413
    title = {"fa": "حجم درخواست بیش از اندازهٔ مجاز است", "en": "The request body is too large"}


class UnsupportedMediaType(Problem):
    code, status = "unsupported-media-type", 415
    title = {"fa": "نوع محتوای درخواست پذیرفته نیست", "en": "The content type of the request is not supported"}


class InvalidInput(Problem):
    code, status = "invalid-input", 422
    title = {"fa": "بخشی از داده‌های ورودی درست نیست", "en": "Some of the input is not valid"}


class InvalidCursor(Problem):
    code, status = "invalid-cursor", 422
    title = {"fa": "نشانگر صفحه معتبر نیست", "en": "The page cursor is not valid"}
    detail = {
        "fa": "فهرست را بدون پارامتر after از آغاز بخوانید.",
        "en": "Start the list again without the parameter `after`.",
    }


class UnknownParameter(Problem):
    code, status = "unknown-parameter", 422
    title = {"fa": "پارامتری ناشناخته در نشانی آمده است", "en": "The address has an unknown parameter"}


class IdempotencyKeyReused(Problem):
    code, status = "idempotency-key-reused", 422
    title = {
        "fa": "این Idempotency-Key پیش‌تر برای درخواست دیگری به کار رفته است",
        "en": "This Idempotency-Key was used for a different request",
    }


class PreconditionRequired(Problem):
    code, status = "precondition-required", 428
    title = {"fa": "سرآیند If-Match لازم است", "en": "The If-Match header is required"}
    detail = {
        "fa": "مقدار ETag آخرین خواندن را در If-Match بفرستید.",
        "en": "Send the ETag of your last read in If-Match.",
    }


class TooManyRequests(Problem):
    code, status = "too-many-requests", 429
    title = {"fa": "شمار درخواست‌های شما از حد مجاز گذشته است", "en": "You have sent too many requests"}


class Internal(Problem):
    code, status = "internal", 500
    title = {"fa": "خطایی در سامانه رخ داد", "en": "Something went wrong on our side"}


class BadGateway(Problem):
    code, status = "bad-gateway", 502
    title = {"fa": "پاسخ سرویس درونی درست نبود", "en": "A service behind the gateway answered badly"}


class Unavailable(Problem):
    code, status = "unavailable", 503
    title = {"fa": "سرویس اکنون در دسترس نیست", "en": "The service is not available at the moment"}
    detail = {"fa": "کمی بعد دوباره تلاش کنید.", "en": "Try again shortly."}


class UpstreamTimeout(Problem):
    code, status = "upstream-timeout", 504
    title = {"fa": "پاسخ سرویس به‌موقع نرسید", "en": "A service behind the gateway did not answer in time"}


# pydantic's error type → (fa, en); {…} are filled from the error's own context, which holds limits and never the input
_SENTENCES: dict[str, tuple[str, str]] = {
    "missing": ("وارد کردن آن الزامی است", "is required"),
    "extra_forbidden": ("چنین فیلدی وجود ندارد", "is not a known field"),
    "string_too_short": ("دست‌کم {min_length} نویسه لازم است", "must have at least {min_length} characters"),
    "string_too_long": ("حداکثر {max_length} نویسه مجاز است", "must have at most {max_length} characters"),
    "string_pattern_mismatch": ("قالب آن درست نیست", "does not have the right form"),
    "string_type": ("باید متن باشد", "must be a text"),
    "string_unicode": ("نویسهٔ نامعتبر دارد", "contains an invalid character"),
    "bool_type": ("باید true یا false باشد", "must be true or false"),
    "bool_parsing": ("باید true یا false باشد", "must be true or false"),
    "int_type": ("باید عدد صحیح باشد", "must be a whole number"),
    "int_parsing": ("باید عدد صحیح باشد", "must be a whole number"),
    "int_from_float": ("باید عدد صحیح باشد", "must be a whole number"),
    "float_type": ("باید عدد باشد", "must be a number"),
    "float_parsing": ("باید عدد باشد", "must be a number"),
    "finite_number": ("باید عددی متناهی باشد", "must be a finite number"),
    "greater_than": ("باید بیشتر از {gt} باشد", "must be greater than {gt}"),
    "greater_than_equal": ("باید دست‌کم {ge} باشد", "must be at least {ge}"),
    "less_than": ("باید کمتر از {lt} باشد", "must be less than {lt}"),
    "less_than_equal": ("باید حداکثر {le} باشد", "must be at most {le}"),
    "too_short": ("دست‌کم {min_length} مورد لازم است", "must have at least {min_length} items"),
    "too_long": ("حداکثر {max_length} مورد مجاز است", "must have at most {max_length} items"),
    "list_type": ("باید فهرست باشد", "must be a list"),
    "dict_type": ("باید یک شیء باشد", "must be an object"),
    "model_type": ("باید یک شیء باشد", "must be an object"),
    "model_attributes_type": ("باید یک شیء باشد", "must be an object"),
    "enum": ("مقدار آن باید یکی از این‌ها باشد: {expected}", "must be one of: {expected}"),
    "literal_error": ("مقدار آن باید یکی از این‌ها باشد: {expected}", "must be one of: {expected}"),
    "uuid_type": ("باید یک UUID باشد", "must be a UUID"),
    "uuid_parsing": ("باید یک UUID باشد", "must be a UUID"),
    "date_type": ("باید تاریخ میلادی مانند 2021-03-08 باشد", "must be a date such as 2021-03-08"),
    "date_parsing": ("باید تاریخ میلادی مانند 2021-03-08 باشد", "must be a date such as 2021-03-08"),
    "date_from_datetime_parsing": ("باید تاریخ میلادی مانند 2021-03-08 باشد", "must be a date such as 2021-03-08"),
    "datetime_parsing": ("باید زمانی مانند 2021-03-08T09:00:00Z باشد", "must be a time such as 2021-03-08T09:00:00Z"),
    "timezone_aware": ("منطقهٔ زمانی ندارد", "lacks a time zone"),
}
_OTHERWISE = ("مقدار آن معتبر نیست", "is not valid")
_FIELD_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")


def field_errors(errors: Iterable[ErrorDetails], *, within: tuple[int | str, ...] = ()) -> list[FieldError]:
    """Pydantic's errors as ours, in both languages and without the input.

    Each location becomes a JSON Pointer after its first parts `within` (FastAPI's "body", "query") are dropped.
    """
    return [_field_error(error, within) for error in errors]


def _field_error(error: ErrorDetails, within: tuple[int | str, ...]) -> FieldError:
    location = error["loc"][len(within) :] if error["loc"][: len(within)] == within else error["loc"]
    if error["type"] == "extra_forbidden" and not _FIELD_NAME.fullmatch(str(location[-1])):
        location = location[:-1]  # anything can be sent as a name, and is not ours to repeat
    pointer = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)
    context = error.get("ctx", {})
    cause = context.get("error")
    if isinstance(cause, InvalidValue):
        return FieldError(pointer, cause.code, cause.message)
    fa, en = _SENTENCES.get(error["type"], _OTHERWISE)
    message = {"fa": fa.format(**context).replace(" or ", " یا "), "en": en.format(**context)}
    return FieldError(pointer, error["type"].replace("_", "-"), message)
