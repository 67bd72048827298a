"""The contract that national systems program against is the one that the code keeps."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import jsonschema_rs
import pytest
import yaml

from gateway.asyncapi import document
from shared.contracts.casefile import CaseFileOpenedV1, Member
from shared.contracts.events import EVENTS, Envelope
from shared.kit.jurisdiction import Jurisdiction

COMMITTED = Path(__file__).parents[2] / "gateway" / "src" / "gateway" / "contracts" / "asyncapi.yaml"
ID = UUID("01900000-0000-7000-8000-000000000001")


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(COMMITTED.read_text("utf-8"))
    return loaded


def test_the_committed_contract_is_what_the_code_says(contract: dict[str, Any]) -> None:
    assert contract == json.loads(json.dumps(document())), (
        "run: python -m gateway.asyncapi > gateway/src/gateway/contracts/asyncapi.yaml"
    )


def test_every_published_event_has_its_channel_operation_and_message(contract: dict[str, Any]) -> None:
    promised = {event.type for event in EVENTS.values() if event.__module__.startswith("shared.contracts.")}

    assert {*contract["channels"]} == {name.removeprefix("pl.") for name in promised}
    assert {message["name"] for message in contract["components"]["messages"].values()} == promised
    assert len(contract["operations"]) == len(promised)


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def test_every_reference_leads_somewhere(contract: dict[str, Any]) -> None:
    for reference in set(_references(contract)):
        target: Any = contract
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]


@pytest.mark.parametrize("place", ["IR", "29", "2901", "2901003"])
def test_the_address_of_a_channel_fits_the_subjects_on_the_wire(contract: dict[str, Any], place: str) -> None:
    address = contract["channels"]["casefile.case-file.opened.v1"]["address"]
    parameters = contract["channels"]["casefile.case-file.opened.v1"]["parameters"]

    assert re.findall(r"\{(\w+)\}", address) == list(parameters)
    pattern = re.sub(r"\\\{\w+\\\}", r"[0-9-]+", re.escape(address))
    assert re.fullmatch(pattern, _opened(place).subject)


def test_what_is_sent_is_valid_by_the_contract_and_another_fact_is_not(contract: dict[str, Any]) -> None:
    def is_valid(message: str, sent: dict[str, Any]) -> bool:
        payload = contract["components"]["messages"][message]["payload"]
        schema = {"components": {"schemas": contract["components"]["schemas"]}, **payload}
        return jsonschema_rs.is_valid(schema, sent)

    envelope = Envelope.wrap(_opened("2901003"), id=ID, time=datetime(2021, 3, 8, tzinfo=UTC), actor="worker-7")
    sent = json.loads(envelope.to_json())

    assert is_valid("CaseFileOpenedV1", sent)
    assert not is_valid("CaseFileClosedV1", sent)
    assert not is_valid("CaseFileOpenedV1", {**sent, "data": {**sent["data"], "members": "none"}})


def _opened(place: str) -> CaseFileOpenedV1:
    return CaseFileOpenedV1(
        case_file_id=ID,
        number="2901-000017",
        version=1,
        status="active",
        jurisdiction=Jurisdiction(place),
        member_count=1,
        members=(Member(member_id=ID, relation="head", birth_date=date(1990, 5, 1)),),
        opened_on=date(2021, 3, 8),
    )
