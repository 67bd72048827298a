import copy
import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from shared.kit.jurisdiction import NATION, PATTERN, Jurisdiction, Level

# few codes, so that two drawn ones are often related
jurisdictions = st.one_of(
    st.just("IR"),
    st.text("019", min_size=2, max_size=2),
    st.text("019", min_size=4, max_size=4),
    st.text("019", min_size=7, max_size=7),
).map(Jurisdiction)


def nats_matches(subject: str, pattern: str) -> bool:
    """The matching rule of NATS: `*` is one token, `>` is one or more at the end."""
    tokens, wanted = subject.split("."), pattern.split(".")
    for place, token in enumerate(wanted):
        if token == ">":
            return len(tokens) > place
        if place >= len(tokens) or token not in ("*", tokens[place]):
            return False
    return len(tokens) == len(wanted)


@given(scope=jurisdictions, place=jurisdictions)
def test_a_scope_covers_a_row_reads_it_and_receives_its_events_or_none_of_these(
    scope: Jurisdiction, place: Jurisdiction
) -> None:
    is_prefix = place.code.startswith(scope.code)
    scope_from, scope_to = scope.range

    assert scope.covers(place) is is_prefix
    assert (scope_from.encode() <= place.code.encode() < scope_to.encode()) is is_prefix
    assert nats_matches(place.subject_tokens, scope.subject_filter) is is_prefix


@given(place=jurisdictions)
def test_text_column_json_pickle_and_copy_give_the_same_place_back(place: Jurisdiction) -> None:
    class Holder(BaseModel):
        place: Jurisdiction

    assert Jurisdiction(str(place)) == place
    assert Jurisdiction.from_code(place.code) == place
    assert Holder.model_validate_json(Holder(place=place).model_dump_json()).place == place
    assert pickle.loads(pickle.dumps(place)) == place
    assert copy.deepcopy(place) == place
    assert len({place, Jurisdiction(str(place))}) == 1


@given(place=jurisdictions)
def test_every_parent_is_the_next_wider_place_up_to_the_nation(place: Jurisdiction) -> None:
    chain = [place]
    while (parent := chain[-1].parent) is not None:
        assert parent.covers(chain[-1])
        assert not chain[-1].covers(parent)
        chain.append(parent)

    assert chain[-1] == NATION
    assert [each.level for each in chain] == list(Level)[: len(chain)][::-1]


@given(text=st.text(max_size=8) | st.from_regex(r"\A[0-9]{1,8}\Z"))
def test_no_other_text_is_a_jurisdiction(text: str) -> None:
    if re.fullmatch(PATTERN[1:-1], text):
        assert str(Jurisdiction(text)) == text
    else:
        with pytest.raises(ValueError, match="province"):
            Jurisdiction(text)


@pytest.mark.parametrize("text", ["", " ", "29 ", "29\n", "ir", "۲۹", "290", "29.01.003", "-", "%", "29%"])
def test_what_looks_like_one_is_refused_and_nothing_is_not_the_nation(text: str) -> None:
    with pytest.raises(ValueError, match="province"):
        Jurisdiction(text)


def test_a_center_knows_its_county_and_province() -> None:
    center = Jurisdiction("2901003")

    assert (center.level, str(center.county), str(center.province)) == (Level.CENTER, "2901", "29")
    assert center.subject_tokens == "29.01.003"
    assert center.range == ("2901003", "2901003:")
    assert (NATION.county, NATION.province, NATION.parent) == (None, None, None)
    assert (NATION.code, str(NATION), NATION.range, NATION.subject_tokens) == ("", "IR", ("", ":"), "-.-.-")


def test_it_cannot_be_changed_ordered_or_taken_for_its_text() -> None:
    county = Jurisdiction("2901")

    with pytest.raises(AttributeError):
        county.code = ""
    with pytest.raises(TypeError):
        _ = county < Jurisdiction("2902")  # type: ignore[operator]
    assert county != "2901"


def test_a_model_refuses_a_wrong_one_with_both_languages_at_hand() -> None:
    class Holder(BaseModel):
        place: Jurisdiction

    with pytest.raises(ValidationError) as caught:
        Holder.model_validate({"place": 2901})

    assert set(caught.value.errors()[0]["ctx"]["error"].message) == {"fa", "en"}
    assert Holder.model_json_schema()["properties"]["place"]["pattern"] == PATTERN
