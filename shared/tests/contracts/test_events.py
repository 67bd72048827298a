from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest
from pydantic import ValidationError

from shared.contracts.casefile import CaseFileLeftV1, CaseFileOpenedV1, Member
from shared.contracts.events import EVENTS, Envelope, Event, NationalEvent, UnknownEvent, owned_by
from shared.contracts.licensing import AskedPerson, InquiryAskedV1
from shared.contracts.registry import CatalogueServiceChangedV1, CenterOpenedV1
from shared.kit.jurisdiction import Jurisdiction

ID = UUID("01900000-0000-7000-8000-000000000001")
OPENED = CaseFileOpenedV1(
    case_file_id=ID,
    number="2901-000017",
    version=1,
    status="waiting",
    jurisdiction=Jurisdiction("2901"),
    member_count=1,
    members=(Member(member_id=ID, relation="head", birth_date=date(1990, 5, 1)),),
    opened_on=date(2021, 3, 8),
)
AT = datetime(2021, 3, 8, 9, 30, tzinfo=UTC)


def wrapped(event: Event = OPENED) -> Envelope:
    return Envelope.wrap(event, id=ID, time=AT, actor="worker-7", traceparent="00-" + "1" * 32 + "-" + "2" * 16 + "-01")


def test_the_subject_is_the_type_and_the_address() -> None:
    assert OPENED.subject == "pl.casefile.case-file.opened.v1.29.01.-"
    assert OPENED.aggregate_id == str(ID)


def test_the_envelope_is_a_cloudevent_in_structured_json() -> None:
    document = wrapped().model_dump(mode="json", exclude={"data"})

    assert document == {
        "specversion": "1.0",
        "id": str(ID),
        "source": "/casefile",
        "type": "pl.casefile.case-file.opened.v1",
        "subject": str(ID),
        "time": "2021-03-08T09:30:00Z",
        "datacontenttype": "application/json",
        "jurisdiction": "2901",
        "actor": "worker-7",
        "traceparent": "00-" + "1" * 32 + "-" + "2" * 16 + "-01",
    }


def test_an_event_comes_back_from_the_wire_as_it_went() -> None:
    assert Envelope.parse(wrapped().to_json()).event == OPENED


def test_an_absent_extension_is_left_out_as_cloudevents_wants_it() -> None:
    envelope = Envelope.wrap(OPENED, id=ID, time=AT, actor="worker-7")

    assert b'"traceparent"' not in envelope.to_json()
    assert Envelope.parse(envelope.to_json()).traceparent is None


@pytest.mark.parametrize("traceparent", [None, "00-" + "1" * 32 + "-" + "2" * 16 + "-01"])
def test_the_short_way_to_the_wire_is_the_same(traceparent: str | None) -> None:
    envelope = Envelope.wrap(OPENED, id=ID, time=AT, actor="worker-7", traceparent=traceparent)

    assert Envelope.json_of(OPENED, id=ID, time=AT, actor="worker-7", traceparent=traceparent) == envelope.to_json()


def test_times_of_other_zones_are_kept_as_the_same_instant() -> None:
    tehran = datetime(2021, 3, 8, 13, tzinfo=timezone(timedelta(hours=3, minutes=30)))

    assert Envelope.parse(Envelope.wrap(OPENED, id=ID, time=tehran, actor="a").to_json()).time == AT


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError):
        Envelope.wrap(OPENED, id=ID, time=datetime(2021, 3, 8), actor="a")  # noqa: DTZ001


def test_fields_of_a_later_release_are_ignored() -> None:
    document = wrapped().model_dump(mode="json")
    document |= {"dataschema": "x", "data": {**document["data"], "later": 1, "members": []}}

    assert Envelope.model_validate(document).event == OPENED.model_copy(update={"members": ()})


def test_an_unknown_type_and_data_that_is_not_the_fact_are_told_apart() -> None:
    document = wrapped().model_dump(mode="json")

    with pytest.raises(UnknownEvent):
        _ = Envelope.model_validate({**document, "type": "pl.casefile.case-file.opened.v9"}).event
    with pytest.raises(ValidationError):
        _ = Envelope.model_validate({**document, "data": {"jurisdiction": "2901"}}).event


@pytest.mark.parametrize("document", [b"", b"{", b"[]", b'"x"', b"{}", b"\xff", b'{"specversion": "0.3"}'])
def test_what_is_no_envelope_is_a_value_error(document: bytes) -> None:
    with pytest.raises(ValueError, match="Envelope"):
        Envelope.parse(document)


def test_a_fact_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        OPENED.number = "other"  # type: ignore[misc]


def test_a_type_is_published_by_one_class() -> None:
    with pytest.raises(TypeError, match="CaseFileOpenedV1"):

        class Again(Event, owner="casefile", aggregate="case-file", fact="opened", version=1):
            identified_by = "jurisdiction"


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS.keys())
def test_every_event_says_where_it_belongs_what_it_is_about_and_what_happened(event: type[Event]) -> None:
    assert event.model_fields["jurisdiction"].annotation is Jurisdiction
    assert event.identified_by in event.model_fields
    space = "national" if issubclass(event, NationalEvent) else f"pl.{event.owner}"
    assert event.type == f"{space}.{event.aggregate}.{event.fact}.v{event.major}"
    assert event.__name__.endswith(f"V{event.major}")
    assert event.__module__ == f"shared.contracts.{event.owner}"
    assert event.__doc__


def test_a_national_system_is_asked_where_it_alone_reads() -> None:
    asked = InquiryAskedV1(
        jurisdiction=Jurisdiction("2901003"),
        inquiry_id=ID,
        system="criminal-record",
        legal_purpose="Article 26",
        asked_at=AT,
        person=AskedPerson(id_type="national", id_value="0499370899", given_name="x", family_name="y"),
    )

    assert asked.subject == "national.criminal-record.inquiry.asked.v1.29.01.003"
    assert InquiryAskedV1.everywhere == "national.*.inquiry.asked.v1.>"
    assert Envelope.parse(wrapped(asked).to_json()).event == asked
    with pytest.raises(ValidationError):
        InquiryAskedV1(**asked.model_dump() | {"system": "criminal-record.>"})


def test_events_are_listed_by_owner() -> None:
    assert CenterOpenedV1 in owned_by("registry")
    assert CaseFileOpenedV1 not in owned_by("registry")
    assert all(event.owner == "adoption" for event in owned_by("adoption"))


def test_a_file_that_left_tells_its_old_scope_nothing_but_where_it_went() -> None:
    assert set(CaseFileLeftV1.model_fields) == {
        "jurisdiction",
        "case_file_id",
        "version",
        "destination",
        "effective_at",
    }


def test_no_event_carries_what_identifies_a_person() -> None:
    personal = {"name", "names", "first_name", "last_name", "father_name", "national_id", "identity", "phone", "mobile"}
    personal |= {"address", "postal_code"}

    told = [event for event in (*owned_by("casefile"), *owned_by("licensing")) if not issubclass(event, NationalEvent)]
    for event in told:
        assert not personal & (set(event.model_fields) | set(Member.model_fields)), event.type


def test_a_service_of_the_catalogue_belongs_to_the_nation() -> None:
    service = CatalogueServiceChangedV1(
        code="S01", version=1, name_fa="ثبت", name_en="Register", domain="social", active_from=date(2021, 3, 8)
    )

    assert service.subject == "pl.registry.catalogue-service.changed.v1.-.-.-"
