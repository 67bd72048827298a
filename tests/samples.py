"""A small country to test in: two centers of a county, one of another county, one of another province; households."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import date
from itertools import count
from typing import Any, Self

import httpx
from joserfc.jwk import OKPKey

from shared.chassis.actor import LIFETIME_SECONDS, Actor, sign
from shared.chassis.service import Service
from shared.contracts.registry import CatalogueServiceChangedV1, CenterOpenedV1, ParameterSetV1, PostingGrantedV1
from shared.contracts.roles import Role
from shared.kit.ids import new_id
from shared.kit.jurisdiction import Jurisdiction
from shared.testing.plugin import Cluster, Running, serve

PROVINCE, COUNTY, CENTER = "29", "2901", "2901003"
NEIGHBOUR, OTHER_COUNTY, OTHER_PROVINCE = "2901001", "2902001", "0904001"
OPENING_DAY = "2021-03-08"
MISSING = "01900000-0000-7000-8000-000000000000"

NDJSON = "application/x-ndjson"

Json = dict[str, Any]

_serial = count(1)


def national_id() -> str:
    """A valid one that no other call gives."""
    digits = f"{500_000_000 + next(_serial):09}"
    remainder = sum(int(digit) * (10 - place) for place, digit in enumerate(digits)) % 11
    return digits + str(remainder if remainder < 2 else 11 - remainder)


def person(relation: str = "child", **fields: Any) -> Json:
    said: Json = {
        "relation": relation,
        "identity": {"type": "national", "value": national_id()},
        "given_name": "مریم",
        "family_name": "احمدی",
        "birth_date": "1990-05-01",
        "sex": "female",
    }
    return said | fields


def household(*members: Json, **fields: Any) -> Json:
    """The body with which a file is opened: a head and a child, unless members are given."""
    return {"members": list(members) or [person("head"), person()], **fields}


def home_visit(**fields: Any) -> Json:
    """The body of a visit that met a neighbour."""
    said: Json = {
        "visited_at": "2026-01-05T08:30:00Z",
        "planned": False,
        "outcome": "met",
        "met_other": "همسایه",
    }
    return said | fields


def version_of(resource: Json) -> dict[str, str]:
    return {"If-Match": f'"{resource["version"]}"'}


@asynccontextmanager
async def running(service: Service, *, cluster: Cluster, key: OKPKey) -> AsyncIterator[Running]:
    """The service over a database of its own."""
    async with cluster.database(service) as settings, serve(service, settings, key=key) as served:
        yield served


class Everything(httpx.Auth):
    """Signs in as somebody with every role at a place (at none, for None), for as long as it asks.

    What such a caller is refused, it is refused for the place alone.
    """

    RENEW_SECONDS = LIFETIME_SECONDS / 2

    def __init__(
        self, scope: str | None, *, audience: str, key: OKPKey, roles: Iterable[Role] = Role, name: str = "everything"
    ) -> None:
        self._actor = Actor(
            subject=f"{name}@{scope}", roles=frozenset(roles), scope=None if scope is None else Jurisdiction(scope)
        )
        self._audience, self._key = audience, key
        self._token, self._renew_at = "", 0.0

    def another(self, name: str, *, scope: str) -> Self:
        """Another person, elsewhere."""
        return type(self)(scope, audience=self._audience, key=self._key, name=name)

    @property
    def subject(self) -> str:
        return self._actor.subject

    @property
    def header(self) -> str:
        if time.monotonic() >= self._renew_at:
            self._token = sign(self._actor, audience=self._audience, key=self._key)
            self._renew_at = time.monotonic() + self.RENEW_SECONDS
        return f"Bearer {self._token}"

    def auth_flow(self, request: httpx.Request) -> Any:
        request.headers["Authorization"] = self.header
        yield request


async def know_centers(
    casefile: Running, *codes: str, maximum: int = 150, points: dict[str, tuple[float, float]] | None = None
) -> None:
    """Let the registry announce open centers, the rules they are under and the service S05, and wait until casefile
    knows them."""
    await casefile.publish(
        CatalogueServiceChangedV1(
            code="S05",
            version=1,
            name_fa="ارجاع درخواست‌ها",
            name_en="Refer requests",
            domain="social-affairs",
            active_from=date(2021, 3, 1),
        )
    )
    rules = {"files-per-center-minimum": 0, "files-per-center-maximum": maximum}
    for code in codes:
        latitude, longitude = (points or {}).get(code, (32.87, 59.22))
        await casefile.publish(
            CenterOpenedV1(
                jurisdiction=Jurisdiction(code),
                code=code,
                version=1,
                name_fa="مرکز",
                status="open",
                area_class="urban",
                latitude=latitude,
                longitude=longitude,
            )
        )
    said = _rules(rules, valid_from=date(2021, 3, 1))
    await casefile.publish(*said)

    async def known() -> bool:
        async with casefile.database.query(Actor.system("casefile")) as query:
            centers = await query.fetchval("SELECT count(*) FROM center WHERE code = ANY($1)", [*codes])
            ids = [each.parameter_id for each in said]
            parameters = await query.fetchval("SELECT count(*) FROM parameter WHERE id = ANY($1)", ids)
            return bool((centers, parameters) == (len(codes), len(said)))

    await eventually(known)


async def know_places(served: Running, *codes: str, screeners: Iterable[str] = ()) -> None:
    """Let the registry announce open centers and who screens at the first, and wait until the service knows them."""
    postings = [
        PostingGrantedV1(
            jurisdiction=Jurisdiction(codes[0]),
            posting_id=new_id(),
            version=1,
            person=person,
            role=Role.SCREENER,
            valid_from=date(2021, 3, 8),
            granted_by="test",
        )
        for person in screeners
    ]
    await served.publish(*postings)
    for code in codes:
        await served.publish(
            CenterOpenedV1(
                jurisdiction=Jurisdiction(code),
                code=code,
                version=1,
                name_fa="مرکز",
                status="open",
                area_class="urban",
                latitude=32.87,
                longitude=59.22,
            )
        )

    async def known() -> bool:
        async with served.database.query(Actor.system(served.service.name)) as query:
            centers = await query.fetchval("SELECT count(*) FROM center WHERE code = ANY($1)", [*codes])
            posted = await query.fetchval("SELECT count(*) FROM screener_posting") if postings else 0
            return bool((centers, posted) == (len(codes), len(postings)))

    await eventually(known)


LAW = {
    "adoption-marriage-years": 5,
    "adoption-one-spouse-over-years": 30,
    "adoption-single-from-years": 30,
    "adoption-senior-from-years": 50,
    "adoption-children-at-most": 2,
    "adoption-child-under-years": 16,
    "adoption-unclaimed-years": 2,
    "adoption-opinion-months": 2,
    "adoption-trial-months": 6,
}


async def know_law(adoption: Running) -> None:
    """Let the registry announce the numbers of the law on adoption, and wait until adoption knows them."""
    await adoption.publish(*_rules(LAW, valid_from=date(2013, 9, 22)))

    async def known() -> bool:
        async with adoption.database.query(Actor.system("adoption")) as query:
            return bool(await query.fetchval("SELECT count(*) FROM parameter") == len(LAW))

    await eventually(known)


def _rules(values: Mapping[str, int], *, valid_from: date) -> list[ParameterSetV1]:
    return [
        ParameterSetV1(
            jurisdiction=Jurisdiction("IR"), parameter_id=new_id(), name=name, value=value, valid_from=valid_from
        )
        for name, value in values.items()
    ]


async def eventually(condition: Callable[[], Awaitable[bool]], *, seconds: float = 10) -> None:
    """Wait for what consumers and workers bring about. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)


async def finished_import(client: httpx.AsyncClient, answer: httpx.Response) -> Json:
    """The import when all its lines were dealt with."""
    assert answer.status_code == 202, answer.text
    job: Json = {}

    async def done() -> bool:
        nonlocal job
        job = (await client.get(answer.headers["Location"])).raise_for_status().json()
        return job["status"] in {"done", "incomplete"}

    await eventually(done)
    return job


class Things:
    """What an operation can be about: its path parameters, and its headers with the version to be changed."""

    def __init__(self, path: dict[str, str], version: Json | None = None) -> None:
        self.path = path
        # what the client would say of itself is no input to be varied
        self.headers = {"accept": "*/*"} | ({} if version is None else {"if-match": version_of(version)["If-Match"]})


async def things(client: httpx.AsyncClient, operation_id: str, path: str) -> Things:
    """Make what the operation is about, in a state in which it is possible."""
    resource = path.split("/")[2].partition(":")[0]
    make: Callable[..., Any] | None = _MAKERS.get(resource)
    if make is None or "{" not in path:
        return Things({})
    made: Things = await make(client, operation_id)
    return made


async def sent(client: httpx.AsyncClient, method: str, path: str, **request: Any) -> Json:
    answer = await client.request(method, path, **request)
    assert answer.is_success, f"{method} {path}: {answer.text}"
    body: Json = answer.json()
    return body


async def _case_file(client: httpx.AsyncClient, operation_id: str) -> Things:
    status = {"submit_case_file": "draft", "activate_case_file": "waiting"}.get(operation_id, "active")
    file = await sent(client, "POST", "/v1/case-files", json=household(jurisdiction=CENTER, status=status))
    if operation_id == "resume_case_file":
        path = f"/v1/case-files/{file['id']}:suspend"
        file = await sent(client, "POST", path, json={"reason": "not-found"}, headers=version_of(file))
    member = file["members"][1]
    changed = member if operation_id in {"change_member", "remove_member"} else file
    here = {"case_file_id": file["id"], "member_id": member["id"]}
    if operation_id.endswith("_life_event"):
        body = {"happened_on": OPENING_DAY, "source": "visit", "guardianship": {"member_id": member["id"]}}
        changed = await sent(client, "POST", f"/v1/case-files/{file['id']}/life-events", json=body)
        here["life_event_id"] = changed["id"]
    return Things(here, changed)


FOUND: Json = {"found_by": "school", "address": "بیرجند", "situation": "نیازمند"}
_ON_THE_WAY: Mapping[str, tuple[str, Json]] = {
    "screened": ("screen", {"note": "x"}),
    "assessed": ("assess", {"visited_on": OPENING_DAY, "report": "x", "coverage_reason": "other"}),
    "supported": ("decide-local", {"decision": "support"}),
    "waiting": ("decide-county", {"decision": "admit"}),
    "not-eligible": ("refuse", {"reason": "declined"}),
    "appealed": ("appeal", {"grounds": "x"}),
}
_POSSIBLE: Mapping[str, tuple[str, ...]] = {
    "assess_finding": ("screened",),
    "decide_finding_locally": ("screened", "assessed"),
    "decide_finding_at_county": ("screened", "assessed", "supported"),
    "admit_finding": ("screened", "assessed", "supported", "waiting"),
    "appeal_finding": ("not-eligible",),
    "decide_appeal": ("not-eligible", "appealed"),
}
"""Operation → the statuses on the way to where it is possible."""


async def _finding(client: httpx.AsyncClient, operation_id: str) -> Things:
    finding = await sent(client, "POST", "/v1/findings", json=FOUND | {"jurisdiction": CENTER})
    for body in ("relief-committee", "social-security"):
        inquiry = {"body": body, "answer": "not-covered", "reference": "1", "valid_until": "2099-01-01"}
        finding = await sent(client, "POST", f"/v1/findings/{finding['id']}/inquiries", json=inquiry)
    for status in _POSSIBLE.get(operation_id, ()):
        step, body = _ON_THE_WAY[status]
        path = f"/v1/findings/{finding['id']}:{step}"
        finding = await sent(client, "POST", path, json=body, headers=version_of(finding))
    return Things({"finding_id": finding["id"]}, finding)


async def _visit(client: httpx.AsyncClient, operation_id: str) -> Things:
    """One that asks for what somebody else has changed: it waits to be resolved."""
    file = await sent(client, "POST", "/v1/case-files", json=household(jurisdiction=CENTER))
    path = f"/v1/case-files/{file['id']}"
    await sent(client, "PATCH", path, json={"decile": 5}, headers=version_of(file))
    made = home_visit(case_file_id=file["id"], id=str(new_id()), changes={"decile": 2}, file_version=1)
    await sent(client, "POST", "/v1/visits:batch", json={"visits": [made]})
    return Things({"visit_id": made["id"]}, await sent(client, "GET", f"/v1/visits/{made['id']}"))


async def _import(client: httpx.AsyncClient, operation_id: str) -> Things:
    answer = await client.post(
        "/v1/case-files:import",
        params={"source": "older"},
        content=json.dumps(household()) + "\n{",
        headers={"Content-Type": NDJSON},
    )
    job = await finished_import(client, answer)
    return Things({"import_id": job["id"]})


async def _distribution(client: httpx.AsyncClient, operation_id: str) -> Things:
    await sent(client, "POST", "/v1/case-files", json=household(latitude=32.8, longitude=59.2))
    body = {"jurisdiction": COUNTY, "on": OPENING_DAY}
    plan = await sent(client, "POST", "/v1/distributions", json=body)
    return Things({"distribution_id": plan["id"]}, plan)


async def _transfer(client: httpx.AsyncClient, operation_id: str) -> Things:
    file = await sent(client, "POST", "/v1/case-files", json=household(jurisdiction=CENTER))
    body = {"case_file_id": file["id"], "destination": NEIGHBOUR}
    transfer = await sent(client, "POST", "/v1/transfers", json=body)
    if operation_id == "accept_transfer":
        path = f"/v1/transfers/{transfer['id']}:confirm"
        transfer = await sent(client, "POST", path, json={}, headers=version_of(transfer))
    return Things({"transfer_id": transfer["id"]}, transfer)


async def _assignment_plan(client: httpx.AsyncClient, operation_id: str) -> Things:
    await sent(client, "POST", "/v1/case-files", json=household(jurisdiction=CENTER))
    plan = await sent(client, "POST", "/v1/assignment-plans", json={"center": CENTER})
    return Things({"plan_id": plan["id"]}, plan)


async def _center(client: httpx.AsyncClient, operation_id: str) -> Things:
    body = {
        "county": COUNTY,
        "name_fa": "مرکز",
        "area_class": "urban",
        "licence_reference": "1399/29/1",
        "address": "بیرجند، خیابان مدرس",
        "postal_code": "9717853577",
        "latitude": 32.86,
        "longitude": 59.22,
    }
    center = await sent(client, "POST", "/v1/centers", json=body)
    before = {
        "open_center": ["ready"],
        "suspend_center": ["ready", "open"],
        "resume_center": ["ready", "open", "suspend"],
    }
    for step in before.get(operation_id, []):
        said = {"suspend": {"reason": "تعمیر"}, "open": {}}.get(step)
        center = await sent(client, "POST", f"/v1/centers/{center['code']}:{step}", json=said)
    return Things({"code": center["code"]}, center)


async def _posting(client: httpx.AsyncClient, operation_id: str) -> Things:
    body = {"person": f"person-{next(_serial)}", "role": "province-officer", "jurisdiction": "29"}
    posting = await sent(client, "POST", "/v1/postings", json=body)
    return Things({"posting_id": posting["id"]}, posting)


async def _service(client: httpx.AsyncClient, operation_id: str) -> Things:
    return Things({"code": "S01"}, await sent(client, "GET", "/v1/services/S01"))


async def _parameter(client: httpx.AsyncClient, operation_id: str) -> Things:
    parameter = (await sent(client, "GET", "/v1/parameters"))["items"][0]
    return Things({"parameter_id": parameter["id"]}, parameter)


async def _tariff(client: httpx.AsyncClient, operation_id: str) -> Things:
    body = {
        "service_code": "S01",
        "area_class": "urban",
        "jurisdiction": "IR",
        "valid_from": OPENING_DAY,
        "amount_rials": 1_000_000,
    }
    tariff = await sent(client, "POST", "/v1/tariffs", json=body)
    return Things({"tariff_id": tariff["id"]}, tariff)


async def _division(client: httpx.AsyncClient, operation_id: str) -> Things:
    return Things({"code": COUNTY if operation_id == "read_county" else "29"})


async def _protocol(client: httpx.AsyncClient, operation_id: str) -> Things:
    here = {"programme": "vision", "number": "1", "rule": "photoscreener-limits"}
    return Things(here, await sent(client, "GET", "/v1/screening-programmes/vision/protocols/1"))


async def _base(client: httpx.AsyncClient, operation_id: str) -> Things:
    body = {"center": CENTER, "name_fa": "پایگاه", "kind": "fixed", "programmes": ["vision"], "opens_on": "2026-01-01"}
    base = await sent(client, "POST", "/v1/screening-bases", json=body)
    device = {"instrument": "e-chart", "serial_number": "0"}
    made = await sent(client, "POST", f"/v1/screening-bases/{base['id']}/devices", json=device)
    here = {"base_id": base["id"], "device_id": made["id"]}
    return Things(here, made if operation_id == "change_screening_device" else base)


async def _child(client: httpx.AsyncClient) -> Json:
    return await sent(client, "POST", "/v1/screening-people", json={"birth_date": "2021-01-01", "center": CENTER})


async def _screened(client: httpx.AsyncClient, operation_id: str) -> Things:
    registered = await _child(client)
    return Things({"person_id": registered["id"]}, registered)


async def _campaign(client: httpx.AsyncClient, operation_id: str) -> Things:
    body = {"programme": "vision", "jurisdiction": COUNTY, "name_fa": "پویش", "born_from": "1398/07/01"}
    body |= {"born_to": "1402/12/29", "opens_on": "2026-01-01", "closes_on": "2099-01-01"}
    campaign = await sent(client, "POST", "/v1/screening-campaigns", json=body)
    return Things({"campaign_id": campaign["id"]}, campaign)


def _caller(client: httpx.AsyncClient) -> str:
    assert isinstance(client.auth, Everything)
    return client.auth.subject


async def _permit(client: httpx.AsyncClient, operation_id: str) -> Things:
    body = {"person": _caller(client), "center": CENTER, "programme": "vision", "certificate": "1"}
    days = {"valid_from": OPENING_DAY, "valid_to": "2099-01-01"}
    permit = await sent(client, "POST", "/v1/screener-permits", json=body | days)
    return Things({"permit_id": permit["id"]}, permit)


async def _tested(client: httpx.AsyncClient, *acuities: str) -> Json:
    """A child whose tests were these, one after the other; the last of them."""
    await _permit(client, "")
    base, child = (await _base(client, "")).path["base_id"], await _child(client)
    made: Json = {}
    for stage, acuity in zip(("first", "repeat"), acuities, strict=False):
        eyes = {"shape": "eyes", "right": {"acuity": acuity}, "left": {"acuity": "10/10"}}
        body = {"id": str(new_id()), "person_id": child["id"], "programme": "vision", "base_id": base, "stage": stage}
        body |= {"instrument": "e-chart", "made_at": "2026-01-05T08:30:00Z", "result": eyes}
        body["repeat_of"] = made.get("id")
        made = await sent(client, "POST", "/v1/screening-encounters", json=body)
    return made


async def _encounter(client: httpx.AsyncClient, operation_id: str) -> Things:
    return Things({"encounter_id": (await _tested(client, "5/10"))["id"]})


_REFERRED: Mapping[str, tuple[str, ...]] = {
    "treat": ("diagnose",),
    "claim": ("diagnose",),
    "close": ("diagnose",),
    "follow": ("diagnose", "treat"),
}
"""First word of the operation → the steps before it."""
_SAID: Mapping[str, Json] = {"diagnose": {"diagnosis": "amblyopia"}, "treat": {"treatment": "patching"}}


async def _referral(client: httpx.AsyncClient, operation_id: str) -> Things:
    """One of a clinic of the caller's, in a state in which the operation is possible."""
    child = (await _tested(client, "5/10", "5/10"))["person_id"]
    clinic = (await _clinic(client, "")).path["clinic_id"]
    (referral,) = (await sent(client, "GET", f"/v1/screening-referrals?person_id={child}"))["items"]
    address = f"/v1/screening-referrals/{referral['id']}"
    steps = [("appoint", {"clinic_id": clinic})]
    steps += [(name, _SAID[name]) for name in _REFERRED.get(operation_id.partition("_")[0], ())]
    for name, body in steps:
        referral = await sent(client, "POST", f"{address}:{name}", json=body, headers=version_of(referral))
    return Things({"referral_id": referral["id"]}, referral)


async def _clinic(client: httpx.AsyncClient, operation_id: str) -> Things:
    body = {"jurisdiction": COUNTY, "kind": "optometrist", "name_fa": "بینایی‌سنجی", "client": _caller(client)}
    clinic = await sent(client, "POST", "/v1/referral-clinics", json=body)
    return Things({"clinic_id": clinic["id"]}, clinic)


async def _genetic_case(client: httpx.AsyncClient, operation_id: str) -> Things:
    body = {"center": CENTER, "occasion": "marriage", "persons": [{"family_name": "رستگار"}], "answers": ["yes", "no"]}
    case = await sent(client, "POST", "/v1/genetic-cases", json=body)
    return Things({"case_id": case["id"]}, case)


FOUNDER: Json = {"kind": "natural", "jurisdiction": CENTER}
_WAY: tuple[tuple[str, Json | None], ...] = (
    ("submit", None),
    ("accept", None),
    ("open-inquiries", None),
    ("send-on", None),
    ("refer", None),
    ("review", {"opinion": "recommended", "reason": "x"}),
    ("table", None),
    ("vote", {"vote": "against"}),
    ("decide", {"decision": "refused", "reason": "x"}),
)
"""Of a technical manager's licence, for which no other body is asked."""
_STEPS_BEFORE: Mapping[str, int] = {
    "return": 1,
    "accept": 1,
    "open": 2,
    "send-on": 3,
    "send-back": 4,
    "refer": 4,
    "review": 5,
    "table": 6,
    "postpone": 7,
    "vote": 7,
    "decide": 7,
    "appeal": 9,
}


async def _founder(client: httpx.AsyncClient) -> Json:
    qualified = [{"degree": "bachelor", "field": "مددکاری"}]
    people = [
        person("x", role="founder"),
        person("x", role="technical-manager", sex="male", birth_date="1990-05-01", qualifications=qualified),
    ]
    for each in people:
        del each["relation"]
    return await sent(client, "POST", "/v1/institutions", json=FOUNDER | {"people": people})


async def _institution(client: httpx.AsyncClient, operation_id: str) -> Things:
    founder = await _founder(client)
    return Things({"institution_id": founder["id"], "person_id": founder["people"][1]["id"]}, founder)


async def _session(client: httpx.AsyncClient, operation_id: str) -> Things:
    seat = {"person": _caller(client), "capacity": "legal-expert"}
    session = await sent(client, "POST", "/v1/commission-sessions", json={"held_on": "1405/09/01", "seats": [seat]})
    if operation_id != "open_commission_session":
        path = f"/v1/commission-sessions/{session['id']}:open"
        session = await sent(client, "POST", path, json={"present": [seat["person"]]}, headers=version_of(session))
    return Things({"session_id": session["id"]}, session)


async def _application(client: httpx.AsyncClient, operation_id: str) -> Things:
    asks = operation_id == "state_need_of_licence_application"
    founder = await _founder(client)
    manager = founder["people"][1]["id"]
    body = {"licence": "agreement-in-principle" if asks else "technical-manager", "clause": 4}
    body |= {"founder_id": founder["id"], "manager_id": manager}
    made = await sent(client, "POST", "/v1/licence-applications", json=body)
    address = f"/v1/licence-applications/{made['id']}"
    for lack in made["missing"]:
        paper = {"code": lack["code"], "person_id": lack["person_id"], "reference": "1"}
        made = await sent(client, "POST", f"{address}/documents", json=paper, headers=version_of(made))
    word = operation_id.partition("_")[0].replace("send", f"send-{operation_id.rpartition('_')[2]}")
    for step, said in _WAY[: 2 if asks else _STEPS_BEFORE.get(word, 0)]:
        body = (await _session(client, "")).path if step == "table" else said or {}
        made = await sent(client, "POST", f"{address}:{step}", json=body or None, headers=version_of(made))
    return Things({"application_id": made["id"]}, made)


async def _inquiry(client: httpx.AsyncClient, operation_id: str) -> Things:
    made = (await _application(client, "state_need_of_licence_application")).path["application_id"]
    address = f"/v1/licence-applications/{made}"
    application = await sent(client, "GET", address)
    for step, said in (("state-need", {"needed": True, "reason": "x"}), ("open-inquiries", None)):
        application = await sent(client, "POST", f"{address}:{step}", json=said, headers=version_of(application))
    inquiry = application["inquiries"][0]
    if operation_id.startswith(("confirm", "reject")):
        path, paper = f"/v1/licensing-inquiries/{inquiry['id']}:give-evidence", {"result": "ok", "reference": "1"}
        inquiry = await sent(client, "POST", path, json=paper, headers=version_of(inquiry))
    return Things({"inquiry_id": inquiry["id"]}, inquiry)


async def _requirement(client: httpx.AsyncClient, operation_id: str) -> Things:
    (found, *_) = (await sent(client, "GET", "/v1/licence-requirements?kind=appeal"))["items"]
    return Things({"requirement_id": found["id"]}, found)


async def _holiday(client: httpx.AsyncClient, operation_id: str) -> Things:
    return Things({"day": "2099-03-21"})


async def _national_system(client: httpx.AsyncClient, operation_id: str) -> Things:
    return Things({"code": "degree"}, {"version": 1})


async def _licence(client: httpx.AsyncClient, operation_id: str) -> Things:
    """A technical manager's, whose validity two of headquarters vouch for first."""
    assert isinstance(client.auth, Everything)
    proposing, signing = (client.auth.another(name, scope="IR") for name in ("first", "second"))
    asked = "/v1/licence-requirements?licence=technical-manager&kind=validity"
    for rule in (await sent(client, "GET", asked))["items"]:
        if rule["standing"] == "proposed":
            path, said = f"/v1/licence-requirements/{rule['id']}", {"figures": {"months": 36}, "source": "x"}
            figured = await sent(client, "PUT", f"{path}/figures", json=said, headers=version_of(rule), auth=proposing)
            await sent(client, "POST", f"{path}:sign-off", headers=version_of(figured), auth=signing)
    application = (await _application(client, "vote_on_it")).path["application_id"]
    address = f"/v1/licence-applications/{application}"
    made = await sent(client, "GET", address)
    for step, word in (("vote", {"vote": "for"}), ("decide", {"decision": "approved", "reason": "x"})):
        made = await sent(client, "POST", f"{address}:{step}", json=word, headers=version_of(made))
    licence = await sent(client, "POST", "/v1/licences", json={"application_id": application})
    if operation_id == "resume_licence":
        path, order = f"/v1/licences/{licence['id']}:suspend", {"reason": "x", "decision": "1"}
        licence = await sent(client, "POST", path, json=order, headers=version_of(licence))
    return Things({"licence_id": licence["id"], "number": licence["number"]}, licence)


def family(**fields: Any) -> Json:
    """The body with which a single woman asks for a child: all is told that is asked for."""
    said: Json = {
        "center": CENTER,
        "form": "adoption",
        "category": "single-woman",
        "applicants": [
            {
                "identity": {"type": "national", "value": national_id()},
                "given_name": "مریم",
                "family_name": "احمدی",
                "father_name": "رضا",
                "birth_date": "1990-05-01",
                "sex": "female",
                "religion": "islam",
                "education": "diploma",
                "mobile": "09151234567",
                "under_guardianship": False,
            }
        ],
        "household": {"own_children": 0, "address": "بیرجند", "housing": "owned", "lives_in_iran": True},
        "wishes": {"sex": "girl", "to_months": 60},
    }
    return said | fields


_CHECKS = ("health", "criminal-record", "addiction", "counselling")
_SEEN = dict.fromkeys(("observance", "fitness", "means", "ability", "no-disease"), True)
_TO_HOME_VISIT: tuple[tuple[str, Json | None], ...] = (
    *((f"/checks/{check}:ask", {"asked_of": "x"}) for check in _CHECKS),
    *((f"/checks/{check}:answer", {"passed": True, "answered_on": "2026-01-05"}) for check in _CHECKS),
)
_VISIT: Json = {"made_on": "2026-01-05", "seen": _SEEN, "text": "x"}
_TO_COMMITTEE: tuple[tuple[str, Json | None], ...] = (
    (":submit", None),
    (":accept", None),
    (":record-interview", _VISIT),
    *_TO_HOME_VISIT,
    (":record-home-visit", _VISIT),
    (":refer", None),
)
_ADOPTION_STEPS_BEFORE: Mapping[str, int] = {
    "return_adoption_request": 1,
    "accept_adoption_request": 1,
    "record_adoption_interview": 2,
    "ask_adoption_check": 3,
    "answer_adoption_check": 4,
    "record_adoption_home_visit": 11,
    "refer_adoption_request": 12,
}
"""Operation → how many steps of a request's way to the committee come before it."""


async def _request_on_its_way(client: httpx.AsyncClient, steps: int) -> Json:
    request = await sent(client, "POST", "/v1/adoption-requests", json=family())
    taken = _TO_COMMITTEE[:steps]
    papers = [{"kind": each["code"], "applicant": each["applicant"]} for each in request["missing"] if taken]
    for step, body in (*(("/documents", paper) for paper in papers), *taken):
        path = f"/v1/adoption-requests/{request['id']}{step}"
        request = await sent(client, "POST", path, json=body, headers=version_of(request))
    return request


async def _adoption_request(client: httpx.AsyncClient, operation_id: str) -> Things:
    request = await _request_on_its_way(client, _ADOPTION_STEPS_BEFORE.get(operation_id, 0))
    return Things({"request_id": request["id"], "check": _CHECKS[0]}, request)


async def _adoption_dossier(client: httpx.AsyncClient, operation_id: str) -> Things:
    request = await _request_on_its_way(client, len(_TO_COMMITTEE))
    here = {"request_id": request["id"], "decision_id": MISSING}
    if operation_id in {"propose_adoption_decision", "read_adoption_dossier"}:
        return Things(here, request)
    body = {"outcome": "defer", "session_on": "2026-01-05", "minutes": "1", "reason": "x"}
    path = f"/v1/adoption-dossiers/{request['id']}/decisions"
    decision = await sent(client, "POST", path, json=body, headers=version_of(request))
    return Things(here | {"decision_id": decision["id"]}, decision)


async def _adoption_export(client: httpx.AsyncClient, operation_id: str) -> Things:
    export = await sent(client, "POST", "/v1/adoption-exports", json={"purpose": "court", "letter": "1"})
    return Things({"export_id": export["id"]}, export)


async def _adoption_requirement(client: httpx.AsyncClient, operation_id: str) -> Things:
    requirement = (await sent(client, "GET", "/v1/adoption-requirements"))["items"][0]
    return Things({"requirement_id": requirement["id"]}, requirement)


async def _adoption_child(client: httpx.AsyncClient, operation_id: str) -> Things:
    body = {
        "jurisdiction": COUNTY,
        "sex": "girl",
        "birth_date": "2024-05-10",
        "health": "healthy",
        "basis": "orphaned",
        "in_care_since": "2025-01-20",
        "evidence": {"reference": "1", "issued_on": "2025-03-01"},
    }
    child = await sent(client, "POST", "/v1/adoption-children", json=body)
    return Things({"child_id": child["id"]}, child)


async def _none_of_adoption(client: httpx.AsyncClient, operation_id: str) -> Things:
    ids = ("request_id", "match_id", "placement_id", "deadline_id", "erasure_id")
    return Things(dict.fromkeys(ids, MISSING), {"version": 1})


_MAKERS: Mapping[str, Callable[..., Any]] = {
    "licences": _licence,
    "licence-verifications": _licence,
    "institutions": _institution,
    "commission-sessions": _session,
    "licence-applications": _application,
    "licensing-inquiries": _inquiry,
    "licence-requirements": _requirement,
    "official-holidays": _holiday,
    "national-systems": _national_system,
    "case-files": _case_file,
    "visits": _visit,
    "findings": _finding,
    "imports": _import,
    "distributions": _distribution,
    "transfers": _transfer,
    "assignment-plans": _assignment_plan,
    "centers": _center,
    "postings": _posting,
    "services": _service,
    "parameters": _parameter,
    "tariffs": _tariff,
    "screening-programmes": _protocol,
    "screening-bases": _base,
    "screening-people": _screened,
    "screening-campaigns": _campaign,
    "screener-permits": _permit,
    "screening-encounters": _encounter,
    "screening-referrals": _referral,
    "referrals-received": _referral,
    "referral-clinics": _clinic,
    "genetic-cases": _genetic_case,
    "adoption-requests": _adoption_request,
    "adoption-dossiers": _adoption_dossier,
    "adoption-exports": _adoption_export,
    "adoption-requirements": _adoption_requirement,
    "adoption-children": _adoption_child,
    **dict.fromkeys(
        (
            "adoption-queue",
            "adoption-tracking",
            "adoption-matches",
            "adoption-placements",
            "adoption-deadlines",
            "adoption-erasures",
        ),
        _none_of_adoption,
    ),
    "provinces": _division,
    "counties": _division,
}
