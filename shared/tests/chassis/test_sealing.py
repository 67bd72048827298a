"""What is sealed opens with a key that is known, in its own place, as long as nobody has touched it."""

import base64
import json

import pytest

from shared.chassis.sealing import SealBroken, SealingSettings, Seals
from shared.chassis.settings import load

OLD, NEW = b"o" * 32, b"n" * 32
PLACE = "person.name.1"
PLAIN = "مریم رستگار".encode()


def text_of(**keys: bytes) -> str:
    return json.dumps({name: base64.b64encode(key).decode() for name, key in keys.items()})


def test_what_is_sealed_is_not_in_what_is_kept_and_opens_again() -> None:
    seals = Seals({"old": OLD})
    key_id, kept = seals.seal(PLAIN, place=PLACE)
    assert key_id == "old"
    assert PLAIN not in kept
    assert seals.open(kept, key_id=key_id, place=PLACE) == PLAIN
    assert seals.seal(PLAIN, place=PLACE)[1] != kept, "twice the same is not seen to be the same"


@pytest.mark.parametrize("place", ["person.name.2", "person.nam", "", PLACE + " "])
def test_in_another_place_it_does_not_open(place: str) -> None:
    seals = Seals({"old": OLD})
    key_id, kept = seals.seal(PLAIN, place=PLACE)
    with pytest.raises(SealBroken):
        seals.open(kept, key_id=key_id, place=place)


def test_what_was_touched_does_not_open() -> None:
    seals = Seals({"old": OLD})
    key_id, kept = seals.seal(PLAIN, place=PLACE)
    for position in (0, 11, 12, len(kept) // 2, len(kept) - 1):
        touched = bytearray(kept)
        touched[position] ^= 1
        with pytest.raises(SealBroken):
            seals.open(bytes(touched), key_id=key_id, place=PLACE)
    for cut in (b"", kept[:11], kept[:12], kept[:-1]):
        with pytest.raises(SealBroken):
            seals.open(cut, key_id=key_id, place=PLACE)


def test_the_last_key_seals_and_every_one_opens_until_it_is_gone() -> None:
    before, both, after = Seals({"old": OLD}), Seals({"old": OLD, "new": NEW}), Seals({"new": NEW})
    old_id, old = before.seal(PLAIN, place=PLACE)
    new_id, new = both.seal(both.open(old, key_id=old_id, place=PLACE), place=PLACE)
    assert (old_id, new_id, both.current) == ("old", "new", "new")
    assert after.open(new, key_id=new_id, place=PLACE) == PLAIN
    for seals, kept, key_id in ((after, old, "old"), (before, new, "new"), (both, new, "never")):
        with pytest.raises(SealBroken):
            seals.open(kept, key_id=key_id, place=PLACE)
    with pytest.raises(SealBroken):
        both.open(new, key_id="old", place=PLACE)


def test_the_same_name_with_another_key_opens_nothing() -> None:
    key_id, kept = Seals({"2026": OLD}).seal(PLAIN, place=PLACE)
    with pytest.raises(SealBroken):
        Seals({"2026": NEW}).open(kept, key_id=key_id, place=PLACE)


def test_a_value_is_found_by_what_every_key_makes_of_it_and_nothing_else() -> None:
    both, after = Seals({"old": OLD, "new": NEW}), Seals({"new": NEW})
    known = both.index("0499370899", place="a.identity")
    assert known == after.index("0499370899", place="a.identity"), "under the key that seals"
    assert both.indexes("0499370899", place="a.identity") == [
        Seals({"old": OLD}).index("0499370899", place="a.identity"),
        known,
    ]
    others = {after.index("0499370898", place="a.identity"), after.index("0499370899", place="b.identity")}
    assert known not in others
    assert len(others) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "at least one key"),
        ("[]", "at least one key"),
        ('{"a": 1}', "at least one key"),
        ("not json", "Expecting value"),
        ('{"a": "x y"}', "not base64"),
        (text_of(a=b"short"), "32 bytes"),
        (text_of(a=OLD, b=b"x" * 33), "32 bytes"),
    ],
)
def test_keys_that_are_none_are_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Seals.parse(text)


def test_a_service_that_is_started_with_no_keys_says_so_and_not_which(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SEALING_KEYS", text_of(a=b"too short to be one"))
    with pytest.raises(SystemExit):
        load(SealingSettings)
    said = capsys.readouterr().err
    assert "SEALING_KEYS: " in said
    assert "a key does not have 32 bytes" in said
    assert base64.b64encode(b"too short to be one").decode() not in said
