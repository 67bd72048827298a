import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kit.cursors import CursorCodec
from shared.kit.ids import new_id
from shared.kit.problems import InvalidCursor

codec = CursorCodec(b"k" * 32)
positions = st.lists(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(), max_size=4)


@given(position=positions, bound_to=st.text())
def test_a_position_comes_back_where_it_was_made(position: list[object], bound_to: str) -> None:
    cursor = codec.encode(position, bound_to=bound_to)

    assert codec.decode(cursor, bound_to=bound_to) == position
    assert cursor.replace("-", "").replace("_", "").isalnum()


@given(position=positions, one=st.text(), other=st.text())
def test_it_is_worth_nothing_in_another_list(position: list[object], one: str, other: str) -> None:
    cursor = codec.encode(position, bound_to=one)
    if one != other:
        with pytest.raises(InvalidCursor):
            codec.decode(cursor, bound_to=other)


@given(place=st.integers(0), bit=st.integers(0, 7))
def test_one_changed_bit_is_noticed(place: int, bit: int) -> None:
    cursor = codec.encode(["2901003", 17], bound_to="/v1/case-files")
    data = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    data[place % len(data)] ^= 1 << bit

    with pytest.raises(InvalidCursor):
        codec.decode(base64.urlsafe_b64encode(data).decode(), bound_to="/v1/case-files")


@given(st.text())
def test_any_other_text_is_an_invalid_cursor(text: str) -> None:
    with pytest.raises(InvalidCursor):
        codec.decode(text, bound_to="/v1/case-files")


def test_another_key_refuses_it() -> None:
    with pytest.raises(InvalidCursor):
        CursorCodec(b"x" * 32).decode(codec.encode([1], bound_to=""), bound_to="")


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32"):
        CursorCodec(b"short")


def test_ids_and_times_come_back_as_text() -> None:
    made, at = new_id(), datetime(2021, 3, 8, tzinfo=UTC)

    assert codec.decode(codec.encode([made, at], bound_to=""), bound_to="") == [str(made), "2021-03-08T00:00:00Z"]


def test_ids_sort_by_the_time_they_were_made() -> None:
    made = [new_id() for _ in range(1000)]

    assert made == sorted(made)
    assert {each.version for each in made} == {7}
