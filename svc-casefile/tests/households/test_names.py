"""What a search compares: the names of a person, and a sieve of their trigrams."""

from hypothesis import given
from hypothesis import strategies as st

from shared.kit.text import search_key
from svc_casefile.names import compared_by, trigram_bits, trigrams

NAMES = st.lists(st.text("آابپکگيكیهةئؤ\u200c '-۱2aZ", min_size=1, max_size=12), min_size=2, max_size=3)


@given(NAMES)
def test_what_is_kept_of_a_person_is_what_a_search_makes_of_the_same_names(names: list[str]) -> None:
    name, bits = compared_by(*names)

    assert name == " ".join(search_key(each) for each in names)
    assert bits == trigram_bits(name)


@given(NAMES, st.data())
def test_a_part_of_the_names_lacks_no_bit(names: list[str], data: st.DataObject) -> None:
    _, kept = compared_by(*names)
    part = data.draw(st.sampled_from(names))

    assert trigram_bits(search_key(part)) & ~kept == 0


def test_a_name_without_letters_has_no_trigrams() -> None:
    assert trigrams("- '") == set()
    assert compared_by("-", None) == ("-", 0)
