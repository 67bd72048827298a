import pytest
from pydantic import ValidationError

from shared.kit.identity import ForeignerId, IdType, InstitutionId, NationalId, PassportNumber, PersonIdentity


@pytest.mark.parametrize("text", ["0499370899", "0790419904", "0084575948", "0012345679"])
def test_valid_national_ids_keep_their_leading_zeros(text: str) -> None:
    assert NationalId(text) == text


@pytest.mark.parametrize("text", ["1234567890", "0012345678", "1532441094"])
def test_a_wrong_check_digit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="check digit"):
        NationalId(text)


@pytest.mark.parametrize("digit", "0123456789")
def test_ten_equal_digits_are_refused(digit: str) -> None:
    with pytest.raises(ValueError, match="check digit"):
        NationalId(digit * 10)


@pytest.mark.parametrize("written", ["499370899", "۰۴۹۹۳۷۰۸۹۹", "٠٤٩٩٣٧٠٨٩٩", " 0499370899 ", "\u200e0499370899"])
def test_however_it_is_written_it_is_kept_as_ten_ascii_digits(written: str) -> None:
    assert NationalId(written) == "0499370899"


def test_eight_digits_are_padded() -> None:
    assert NationalId("84575948") == "0084575948"


@pytest.mark.parametrize("text", ["", "0", "1234567", "04993708990", "049937089a", "-499370899", "²499370899"])
def test_what_is_not_eight_to_ten_digits_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="10 digits"):
        NationalId(text)


def test_an_institution_has_eleven_checked_digits() -> None:
    assert InstitutionId("۱۰۳۸۰۲۸۴۷۹۰") == "10380284790"
    for wrong in ("10380285692", "1038028479", "11111111111"):
        with pytest.raises(ValueError, match="institution"):
            InstitutionId(wrong)


def test_a_foreigner_has_twelve_digits_and_a_passport_capitals() -> None:
    assert ForeignerId("۱۴۰۰۱۲۳۴۵۶۷۸") == "140012345678"
    assert PassportNumber("p01234567") == "P01234567"
    for wrong in ("14001234567", "000000000000", "14001234567x"):
        with pytest.raises(ValueError, match="12 digits"):
            ForeignerId(wrong)


@pytest.mark.parametrize(
    ("kind", "written", "kept"),
    [
        (IdType.NATIONAL, "499370899", "0499370899"),
        (IdType.FOREIGNER_UNIQUE, "140012345678", "140012345678"),
        (IdType.PASSPORT, "p01234567", "P01234567"),
        (IdType.TEMPORARY, "2901003-17", "2901003-17"),
    ],
)
def test_a_person_is_known_by_a_value_of_the_type_said(kind: IdType, written: str, kept: str) -> None:
    assert PersonIdentity(type=kind, value=written).value == kept


def test_a_national_id_with_a_wrong_type_is_refused_at_the_value() -> None:
    with pytest.raises(ValidationError) as caught:
        PersonIdentity.model_validate({"type": "foreigner_unique", "value": "0499370899"})

    [error] = caught.value.errors()
    assert error["loc"] == ("value",)
    assert error["ctx"]["error"].code == "foreigner-id"


def test_an_unknown_type_is_the_only_thing_reported() -> None:
    with pytest.raises(ValidationError) as caught:
        PersonIdentity.model_validate({"type": "library-card", "value": "0499370899"})

    assert [error["loc"] for error in caught.value.errors()] == [("type",)]
