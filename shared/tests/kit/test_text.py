import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.kit import text as kit_text
from shared.kit.text import Name, PersianText, ascii_digits, normalise, search_key

ZWNJ = "\u200c"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("علي كريمي", "علی کریمی"),
        ("  علی \t\n کریمی  ", "علی کریمی"),
        ("مُحَمَّد", "محمد"),
        ("رضـــا", "رضا"),
        ("ﻋﻠﯽ", "علی"),
        (f"می{ZWNJ}رود", f"می{ZWNJ}رود"),
        (f"می{ZWNJ}{ZWNJ}رود{ZWNJ}", f"می{ZWNJ}رود"),
        (f"علی {ZWNJ} {ZWNJ}کریمی", "علی کریمی"),
        ("زهرا\u200f\u202b\ufeff", "زهرا"),
        ("نا\x00م", "نام"),
        ("نا\ud800م", "نام"),
        ("مصطفى", "مصطفی"),
        ("خانهٔ ما", "خانهٔ ما"),
        ("Āhmad", "Āhmad"),
        ("۱۲۳", "۱۲۳"),
    ],
)
def test_one_form_is_kept(written: str, kept: str) -> None:
    assert normalise(written) == kept


@given(st.text())
def test_what_is_normalised_stays_as_it_is(text: str) -> None:
    once = normalise(text)

    assert normalise(once) == once
    assert "\x00" not in once
    assert once == once.strip()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("فاطمة", "فاطمه"),
        ("رؤیا", "رویا"),
        ("آرش", "ارش"),
        ("أحمد", "احمد"),
        (f"محمد{ZWNJ}رضا", "محمد رضا"),
        ("خانهٔ", "خانه"),
        ("بلوک ۱۲", "بلوك 12"),
        ("ALI", "ali"),
    ],
)
def test_two_spellings_of_a_name_are_found_by_the_same_key(one: str, other: str) -> None:
    assert search_key(one) == search_key(other)


def test_different_names_keep_different_keys() -> None:
    assert len({search_key(name) for name in ("علی", "علا", "عالی", "زهرا", "زهره")}) == 5


def test_digits_of_three_scripts_are_the_same_number() -> None:
    assert ascii_digits("۰۹۱۵-٠٩١٥-0915 الف") == "0915-0915-0915 الف"


@pytest.mark.parametrize("kind", [Name, PersianText])
def test_a_text_field_is_measured_as_it_is_kept(kind: type[str]) -> None:
    adapter: TypeAdapter[str] = TypeAdapter(kind)

    assert adapter.validate_python(" علي ") == "علی"
    for nothing in ("", "  ", "\u200f", f"{ZWNJ}", "\x00"):
        with pytest.raises(ValidationError):
            adapter.validate_python(nothing)


def test_a_name_ends_at_a_hundred_characters_and_is_text() -> None:
    adapter = TypeAdapter[str](Name)

    assert adapter.validate_python("ب" * 100 + "   ") == "ب" * 100
    for wrong in ("ب" * 101, 5, None, ["علی"]):
        with pytest.raises(ValidationError):
            adapter.validate_python(wrong)


@given(st.from_regex(kit_text._ONE_FORM, fullmatch=True))
def test_what_looks_like_its_one_form_is(text: str) -> None:
    """The short way through `normalise` is taken only where the long one would change nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kit_text, "_ONE_FORM", re.compile("(?!)"))
        assert normalise(text) == text
