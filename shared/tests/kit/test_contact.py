import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kit.contact import MobileNumber, PostalCode


@pytest.mark.parametrize(
    "written",
    [
        "09151234567",
        "۰۹۱۵۱۲۳۴۵۶۷",
        "+989151234567",
        "00989151234567",
        "9151234567",
        "0915 123 4567",
        "+98 (915) 123-4567",
    ],
)
def test_a_mobile_number_is_kept_in_one_form(written: str) -> None:
    assert MobileNumber(written) == "+989151234567"


@pytest.mark.parametrize(
    "written",
    ["", "0915123456", "05632212345", "+4915112345678", "0915123456a", "tel:09151234567", "09151234567 ext. 5"],
)
def test_what_is_not_an_iranian_mobile_number_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="mobile"):
        MobileNumber(written)


@given(st.integers(9_000_000_000, 9_999_999_999), st.sampled_from(["", "0", "+98", "0098"]))
def test_a_number_written_as_usual_is_mobile_exactly_when_the_library_says_so(number: int, prefix: str) -> None:
    parsed = phonenumbers.parse(f"+98{number}")
    mobile = phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.MOBILE

    try:
        assert MobileNumber(f"{prefix}{number}") == f"+98{number}"
    except ValueError:
        assert not mobile
    else:
        assert mobile


def test_a_postal_code_has_ten_digits() -> None:
    assert PostalCode("۹۷۱۷۸۵۳۵۷۷") == "9717853577"
    for wrong in ("971785357", "97178535770", "0000000000", "97178-3577"):
        with pytest.raises(ValueError, match="10 digits"):
            PostalCode(wrong)
