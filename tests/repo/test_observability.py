"""An alert is about something that is measured, and says what to do."""

import importlib
import re
from pathlib import Path

import pytest
import yaml
from prometheus_client import REGISTRY

ROOT = Path(__file__).parents[2]
RULES = [
    rule
    for group in yaml.safe_load((ROOT / "deploy/observability/alerts.yaml").read_text())["groups"]
    for rule in group["rules"]
]
OF_THE_CLUSTER = {"up", "kube_pod_status_ready", "kube_pod_status_phase"}
"""From Prometheus itself and from kube-state-metrics."""
WORDS = re.compile(r"(?:and|by|on|or|for|max|sum|rate|increase|absent|unless|group_left|[0-9]+[smhd])\b")
SECTIONS = ["## What it means", "## What people notice", "## What to do"]


def metrics(expression: str) -> set[str]:
    """The names in an expression that are neither functions, nor labels, nor values."""
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]|\b(?:by|on)\s*\([^)]*\)", "", expression)
    return {word for word in re.findall(r"[a-z_:][a-z0-9_:]*", bare) if not WORDS.fullmatch(word) and word != "e6"}


@pytest.fixture(scope="module")
def measured() -> set[str]:
    for module in ("shared.chassis.relay", "shared.chassis.consumers", "shared.chassis.telemetry", "gateway.telemetry"):
        importlib.import_module(module)
    return {
        sample
        for family in REGISTRY.collect()
        for sample in (family.name, *(f"{family.name}_{end}" for end in ("total", "bucket", "sum", "count")))
    }


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_alerts_are_about_what_is_measured(rule: dict[str, str], measured: set[str]) -> None:
    found = metrics(rule["expr"])
    assert found
    assert found <= measured | OF_THE_CLUSTER


def test_a_metric_that_nobody_measures_would_be_noticed(measured: set[str]) -> None:
    assert metrics('sum by (service) (rate(outbox_forgotten_total{status=~"5.."}[5m])) > 3') == {
        "outbox_forgotten_total"
    }
    assert "outbox_forgotten_total" not in measured
    assert "outbox_oldest_seconds" in measured


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_each_alert_has_a_runbook_of_its_name(rule: dict[str, dict[str, str]]) -> None:
    name = re.sub(r"(?<!^)(?=[A-Z])", "-", str(rule["alert"])).lower()
    assert rule["annotations"]["runbook"] == f"docs/operating/{name}.md"
    text = (ROOT / rule["annotations"]["runbook"]).read_text()
    assert [line for line in text.splitlines() if line.startswith("## ")][:3] == SECTIONS
    assert rule["labels"]["severity"] in {"page", "ticket"}


def test_no_runbook_outlives_its_alert() -> None:
    about_alerts = {
        file.relative_to(ROOT).as_posix()
        for file in (ROOT / "docs/operating").glob("*.md")
        if SECTIONS[0] in file.read_text()
    }
    assert about_alerts == {rule["annotations"]["runbook"] for rule in RULES}
