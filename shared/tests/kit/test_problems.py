import json
from datetime import date
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.kit.identity import NationalId
from shared.kit.problems import PROBLEMS, FieldError, NotFound, Problem, ProblemDocument, ScopeRequired, field_errors

PERSIAN = range(0x0600, 0x0700)


class CenterFull(Problem):
    code, status = "test-center-full", 409
    title = {"fa": "ظرفیت مرکز پر است", "en": "The center is full"}
    detail = {"fa": "این مرکز {maximum} پرونده می‌پذیرد.", "en": "This center takes {maximum} files."}
    members = ("maximum",)


@pytest.mark.parametrize(
    ("language", "title", "detail"),
    [
        ("fa", "ظرفیت مرکز پر است", "این مرکز 450 پرونده می‌پذیرد."),
        ("en", "The center is full", "This center takes 450 files."),
    ],
)
def test_the_caller_reads_it_in_their_language(language: Literal["fa", "en"], title: str, detail: str) -> None:
    body = CenterFull(maximum=450, secret="x").body(language, "/v1/case-files", "4bf92f35")

    assert body == {
        "type": "/problems/test-center-full",
        "title": title,
        "status": 409,
        "code": "test-center-full",
        "detail": detail,
        "instance": "/v1/case-files",
        "trace_id": "4bf92f35",
        "maximum": 450,
    }
    ProblemDocument.model_validate_json(json.dumps(body))


def test_field_errors_are_said_in_the_same_language() -> None:
    problem = NotFound(
        errors=[FieldError("/center", "center-unknown", {"fa": "چنین مرکزی نیست", "en": "no such center"})]
    )

    assert problem.body("fa")["errors"] == [
        {"pointer": "/center", "code": "center-unknown", "message": "چنین مرکزی نیست"}
    ]
    assert problem.body("en")["errors"][0]["message"] == "no such center"


def test_a_template_without_its_value_fails_where_it_is_raised() -> None:
    with pytest.raises(KeyError):
        CenterFull()


def test_a_code_stands_for_one_status() -> None:
    with pytest.raises(TypeError, match="409"):
        type("Other", (Problem,), {"code": "test-center-full", "status": 400})


def test_the_scopes_to_choose_from_are_in_the_body() -> None:
    assert ScopeRequired(scopes=["2901", "2902"]).body("en")["scopes"] == ["2901", "2902"]


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS.keys())
def test_every_problem_has_a_title_and_detail_in_both_languages(problem: type[Problem]) -> None:
    for sentence in (problem.title, problem.detail or problem.title):
        assert set(sentence) == {"fa", "en"}
        assert any(ord(char) in PERSIAN for char in sentence["fa"])
        assert sentence["en"].isascii()
        assert not set(sentence["fa"]) & set("يكى"), "Arabic letters in a Persian sentence"


class Person(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=2, max_length=5)
    national_id: NationalId
    born: date
    sex: Literal["female", "male"]
    children: list["Person"] = Field(default=[], max_length=1)
    marks: dict[str, int] = {}


SECRET = {
    "name": "s3cret-name",
    "national_id": "1234567890",
    "born": "s3cret-day",
    "sex": "s3cret-sex",
    "children": [{"nick_name": "s3cret", "1234567890": "s3cret", "s3cret " * 99: "s3cret"}],
    "marks": {"na/me~": "s3cret"},
}


def wrong() -> list[FieldError]:
    with pytest.raises(ValidationError) as caught:
        Person.model_validate(SECRET)
    return field_errors(caught.value.errors())


def test_each_wrong_field_is_pointed_at_with_a_code() -> None:
    assert {(error.pointer, error.code) for error in wrong()} == {
        ("/name", "string-too-long"),
        ("/national_id", "national-id"),
        ("/born", "date-from-datetime-parsing"),
        ("/sex", "literal-error"),
        ("/children/0/name", "missing"),
        ("/children/0/national_id", "missing"),
        ("/children/0/born", "missing"),
        ("/children/0/sex", "missing"),
        ("/children/0/nick_name", "extra-forbidden"),
        ("/children/0", "extra-forbidden"),
        ("/marks/na~1me~0", "int-parsing"),
    }


def test_messages_are_in_both_languages_and_never_repeat_the_input() -> None:
    for error in wrong():
        assert any(ord(char) in PERSIAN for char in error.message["fa"])
        assert "s3cret" not in str(error)
        assert "1234567890" not in str(error)
    by_pointer = {error.pointer: error.message for error in wrong()}
    assert by_pointer["/name"] == {"fa": "حداکثر 5 نویسه مجاز است", "en": "must have at most 5 characters"}
    assert by_pointer["/sex"]["fa"].endswith("'female' یا 'male'")


def test_the_place_of_the_body_in_the_request_is_not_part_of_the_pointer() -> None:
    with pytest.raises(ValidationError) as caught:
        Person.model_validate({})
    located = [{**error, "loc": ("body", *error["loc"])} for error in caught.value.errors()]

    assert {error.pointer for error in field_errors(located, within=("body",))} == {  # type: ignore[arg-type]
        "/name",
        "/national_id",
        "/born",
        "/sex",
    }


def test_a_kind_of_error_without_its_own_sentence_still_has_one() -> None:
    class Odd(BaseModel):
        number: int = Field(multiple_of=7)

    with pytest.raises(ValidationError) as caught:
        Odd(number=8)

    [error] = field_errors(caught.value.errors())
    assert error == FieldError("/number", "multiple-of", {"fa": "مقدار آن معتبر نیست", "en": "is not valid"})
