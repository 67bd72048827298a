"""People to screen and places to do it, and short words for what answers say."""

from itertools import count
from typing import Any

import httpx

CENTER, NEIGHBOUR, OTHER_COUNTY, OTHER_PROVINCE = "2901003", "2901001", "2902001", "3001001"

Json = dict[str, Any]

_serial = count(1)


def version_of(resource: Json) -> dict[str, str]:
    return {"If-Match": f'"{resource["version"]}"'}


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


def pointers(answer: httpx.Response) -> list[str]:
    return [error["pointer"] for error in answer.json().get("errors", [])]


def rule_of(protocol: Json, code: str) -> Json:
    (rule,) = [each for each in protocol["rules"] if each["code"] == code]
    return dict(rule)


def next_version(protocol: Json, *, valid_from: str, **figures: dict[str, int]) -> Json:
    """The body of a version that says what `protocol` says, but for the figures of the rules that are named."""
    kept = ("code", "kind", "stages", "instruments", "from_months", "to_months", "figures", "source")
    rules = [{name: rule[name] for name in kept} for rule in protocol["rules"]]
    for rule in rules:
        rule["figures"] = figures.get(rule["code"].replace("-", "_"), rule["figures"])
    body = {name: protocol[name] for name in ("from_months", "to_months", "stages", "instruments", "source")}
    return body | {"valid_from": valid_from, "rules": rules}
