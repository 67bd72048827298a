"""The manifests have what each process of the workspace needs, and nothing that could not be."""

import json
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic_settings import BaseSettings

from deploy.kubernetes.validate import OVERLAYS, Manifest, complaints, kept, manifests, render, rendered_file
from gateway.settings import GatewaySettings
from shared.chassis.sealing import SealingSettings
from shared.chassis.settings import ServiceSettings
from shared.chassis.streams import StreamSettings
from svc_licensing.settings import LicensingSettings
from svc_registry.settings import RegistrySettings

ROOT = Path(__file__).parents[2]
SERVICES = sorted(path.name for path in ROOT.glob("svc-*"))
PROCESSES = ["gateway", *SERVICES]
NAME = "app.kubernetes.io/name"


@pytest.fixture(scope="module", params=OVERLAYS)
def overlay(request: pytest.FixtureRequest) -> list[Manifest]:
    return kept(request.param)


def named(overlay: list[Manifest], kind: str, name: str) -> Manifest:
    (found,) = (each for each in overlay if (each["kind"], each["metadata"]["name"]) == (kind, name))
    return found


def workload(overlay: list[Manifest], process: str) -> Manifest:
    (found,) = (
        each for each in overlay
        if each["kind"] in {"Deployment", "StatefulSet"} and each["metadata"]["name"] == process
    )  # fmt: skip
    return found


def migration(overlay: list[Manifest], service: str) -> Manifest:
    (found,) = (
        each for each in overlay if each["kind"] == "Job" and each["metadata"]["labels"][NAME] == service
    )  # fmt: skip
    return found


def pods(overlay: list[Manifest]) -> list[Manifest]:
    return [
        each["spec"]["template"] for each in overlay if each["kind"] in {"Deployment", "StatefulSet", "Job"}
    ]  # fmt: skip


def selects(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    wanted: dict[str, str] = selector.get("matchLabels", selector)
    return wanted.items() <= labels.items()


def test_every_manifest_is_one_that_kubernetes_takes(overlay: list[Manifest]) -> None:
    assert list(complaints(overlay)) == []


def test_an_unknown_field_would_be_noticed(overlay: list[Manifest]) -> None:
    deployment = named(overlay, "Deployment", SERVICES[0])
    wrong = {**deployment, "spec": {**deployment["spec"], "replica": 3}}
    assert any("replica" in each for each in complaints([wrong]))
    assert list(complaints([{"apiVersion": "v1", "kind": "Sevice", "metadata": {"name": "x"}}]))


@pytest.mark.parametrize("name", OVERLAYS)
def test_what_is_kept_is_what_the_sources_give(name: str) -> None:
    new = render(name)  # where there is no kubectl, the check says that it did not compare
    assert new is None or manifests(new) == manifests(rendered_file(name).read_text())


@pytest.mark.parametrize("process", PROCESSES)
def test_each_process_is_run_reached_and_kept_up(overlay: list[Manifest], process: str) -> None:
    spec = workload(overlay, process)["spec"]
    labels, pod = spec["template"]["metadata"]["labels"], spec["template"]["spec"]
    (container,) = pod["containers"]
    assert container["args"] == [f"{process.replace('-', '_')}.main", "serve"]
    assert {container[f"{probe}Probe"]["httpGet"]["path"] for probe in ("startup", "liveness")} == {"/livez"}
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    service = named(overlay, "Service", process)["spec"]
    assert selects(service["selector"], labels)
    assert service["ports"][0]["targetPort"] in {each["name"] for each in container["ports"]}
    assert selects(named(overlay, "PodDisruptionBudget", process)["spec"]["selector"], labels)
    for constraint in pod["topologySpreadConstraints"]:
        assert constraint["labelSelector"]["matchLabels"][NAME] == process
    assert pod["serviceAccountName"] == process
    assert not named(overlay, "ServiceAccount", process)["automountServiceAccountToken"]
    assert pod["terminationGracePeriodSeconds"] > container["lifecycle"]["preStop"]["sleep"]["seconds"] + 8


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_has_its_migration_and_no_owners_password(overlay: list[Manifest], service: str) -> None:
    job = migration(overlay, service)["spec"]["template"]
    assert job["spec"]["containers"][0]["args"] == [f"{service.replace('-', '_')}.main", "migrate"]
    serving = workload(overlay, service)["spec"]["template"]["spec"]["containers"][0]
    assert "DATABASE_OWNER_URL" in variables(overlay, job["spec"]["containers"][0])
    assert "DATABASE_OWNER_URL" not in variables(overlay, serving)
    assert {each["valueFrom"]["secretKeyRef"]["name"] for each in serving["env"]} == {service}


def test_a_migration_never_serves(overlay: list[Manifest]) -> None:
    services = [each["spec"]["selector"] for each in overlay if each["kind"] == "Service"]
    jobs = [migration(overlay, service)["spec"]["template"]["metadata"]["labels"] for service in SERVICES]
    assert not any(selects(selector, labels) for selector in services for labels in jobs)


def test_migrations_of_another_release_have_other_names(overlay: list[Manifest]) -> None:
    version = named(overlay, "Service", "gateway")["metadata"]["labels"]["app.kubernetes.io/version"]
    for service in SERVICES:
        name = migration(overlay, service)["metadata"]["name"]
        assert name == f"migrate-{version}-{service.removeprefix('svc-')}"
    assert {pod["spec"]["containers"][0]["image"].rpartition(":")[2] for pod in pods(overlay)} == {version}


def test_every_pod_is_as_restricted_as_the_namespace_demands(overlay: list[Manifest]) -> None:
    labels = named(overlay, "Namespace", "positive-life")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    for pod in pods(overlay):
        spec = pod["spec"]
        (container,) = spec["containers"]
        assert spec["securityContext"]["runAsNonRoot"]
        assert spec["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
        assert spec["automountServiceAccountToken"] is False
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {"requests", "limits"} <= container["resources"].keys()
        assert "memory" in container["resources"]["limits"]


def test_the_image_runs_as_the_user_that_the_manifests_name(overlay: list[Manifest]) -> None:
    users = {pod["spec"]["securityContext"]["runAsUser"] for pod in pods(overlay)}
    (line,) = (
        each for each in (ROOT / "deploy/images/Dockerfile").read_text().splitlines() if each.startswith("USER ")
    )
    assert users == {int(line.removeprefix("USER ").partition(":")[0])}


SETTINGS: dict[str, type[BaseSettings]] = {
    "svc-registry": RegistrySettings,
    "svc-casefile": SealingSettings,
    "svc-screening": SealingSettings,
    "svc-licensing": LicensingSettings,
    "svc-adoption": SealingSettings,
    "gateway": GatewaySettings,
}


def variables(overlay: list[Manifest], container: Manifest) -> set[str]:
    """The names of the environment variables that a container gets."""
    found = {each["name"] for each in container.get("env", [])}
    for source in container.get("envFrom", []):
        if (name := source["configMapRef"]["name"]) != "actor-keys":  # not in the manifests: it is made with the keys
            found |= named(overlay, "ConfigMap", name)["data"].keys()
        else:
            found.add("ACTOR_KEYS")
    return found


@pytest.mark.parametrize("process", PROCESSES)
def test_only_settings_that_exist_are_set_and_none_is_missing(overlay: list[Manifest], process: str) -> None:
    settings = SETTINGS.get(process, ServiceSettings)
    templates = [workload(overlay, process)["spec"]["template"]]
    if process in SERVICES:
        templates.append(migration(overlay, process)["spec"]["template"])
    shared = {**ServiceSettings.model_fields, **StreamSettings.model_fields}
    known = {name.upper() for name in {**shared, **settings.model_fields}}
    needed = {name.upper() for name, field in settings.model_fields.items() if field.is_required()}
    for template in templates:
        given = variables(overlay, template["spec"]["containers"][0])
        assert given <= known
        assert needed <= given


def test_the_gateway_knows_every_service_by_its_address(overlay: list[Manifest]) -> None:
    (config,) = (
        each for each in overlay if each["kind"] == "ConfigMap" and each["metadata"]["name"].startswith("gateway")
    )
    upstreams = json.loads(config["data"]["UPSTREAMS"])
    assert {f"svc-{name}" for name in upstreams} == set(SERVICES)
    for name, address in upstreams.items():
        (port,) = named(overlay, "Service", f"svc-{name}")["spec"]["ports"]
        assert address == f"http://svc-{name}:{port['port']}"


def test_the_way_in_leads_to_the_gateway_and_not_to_its_inside(overlay: list[Manifest]) -> None:
    (route,) = (each for each in overlay if each["kind"] == "HTTPRoute")
    for rule in route["spec"]["rules"]:
        for backend in rule["backendRefs"]:
            ports = named(overlay, "Service", backend["name"])["spec"]["ports"]
            assert (backend["name"], backend["port"]) == ("gateway", ports[0]["port"])
        open_paths = [each["path"]["value"] for each in rule["matches"] if each["path"]["type"] == "PathPrefix"]
        assert "/" not in open_paths
        assert not {"/livez", "/readyz", "/metrics"} & {each["path"]["value"] for each in rule["matches"]}


def test_an_autoscaler_and_a_fixed_number_of_replicas_do_not_fight(overlay: list[Manifest]) -> None:
    scaled = {each["spec"]["scaleTargetRef"]["name"] for each in overlay if each["kind"] == "HorizontalPodAutoscaler"}
    assert scaled == {"gateway", "svc-casefile"}
    for process in PROCESSES:
        assert ("replicas" in workload(overlay, process)["spec"]) == (process not in scaled)


OUTSIDE = "the internet"
Side = Literal["ingress", "egress"]


def lets(overlay: list[Manifest], side: Side, labels: dict[str, str], peer: Any, port: int) -> bool:
    """Whether the policies let a pod with these labels talk to a peer (labels of another pod, the name of a namespace,
    or the internet), or be talked to."""
    towards = "to" if side == "egress" else "from"
    selecting = [
        each["spec"] for each in overlay
        if each["kind"] == "NetworkPolicy" and side.title() in each["spec"]["policyTypes"]
        and selects(each["spec"]["podSelector"], labels)
    ]  # fmt: skip
    assert selecting, "no policy selects it: everything would be let through"
    return any(
        port in [each["port"] for each in rule["ports"]] and any(matches(each, peer) for each in rule[towards])
        for policy in selecting
        for rule in policy.get(side, [])
    )


def matches(rule: dict[str, Any], peer: str | dict[str, str]) -> bool:
    if "ipBlock" in rule:
        return bool(peer == OUTSIDE)
    if "namespaceSelector" in rule:
        return bool(rule["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": peer})
    return isinstance(peer, dict) and selects(rule["podSelector"], peer)  # labels of a pod of ours


def test_exactly_the_needed_flows_are_let_through(overlay: list[Manifest]) -> None:
    labels = {each: workload(overlay, each)["spec"]["template"]["metadata"]["labels"] for each in PROCESSES}
    jobs = {each: migration(overlay, each)["spec"]["template"]["metadata"]["labels"] for each in SERVICES}
    everybody = {**labels, **{f"migration of {name}": each for name, each in jobs.items()}}
    inside = {
        (source, target)
        for source, source_labels in everybody.items()
        for target, target_labels in everybody.items()
        if lets(overlay, "egress", source_labels, target_labels, 8080)
        and lets(overlay, "ingress", target_labels, source_labels, 8080)
    }
    assert inside == {("gateway", service) for service in SERVICES}
    for name, own in everybody.items():
        assert lets(overlay, "ingress", own, "ingress", 8080) == (name == "gateway")
        assert lets(overlay, "ingress", own, "monitoring", 8080)
        assert lets(overlay, "egress", own, "kube-system", 53)
        assert lets(overlay, "egress", own, "nats", 4222)
        assert lets(overlay, "egress", own, "monitoring", 4318)
        assert lets(overlay, "egress", own, "postgresql", 5432) == (name != "gateway")
        assert lets(overlay, "egress", own, OUTSIDE, 443) == (name == "gateway")
        assert not lets(overlay, "ingress", own, "default", 8080)
