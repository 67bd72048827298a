"""Whether requirements.txt pins, with hashes, what every pyproject.toml asks for. Asks no index."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from deploy.local.home import ROOT

PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?P<rest>[^\n]*(?:\n[ \t]+--hash=\S+[^\n]*)*)", re.MULTILINE
)


def pins(file: Path) -> dict[str, set[Version]]:
    """The pinned versions of each package; several when they differ by platform."""
    found: dict[str, set[Version]] = {}
    for pin in PIN.finditer(file.read_text()):
        if "--hash=sha256:" not in pin["rest"]:
            raise ValueError(f"{pin['name']} in {file.name} has no hash")
        found.setdefault(canonicalize_name(pin["name"]), set()).add(Version(pin["version"]))
    return found


def asked(folder: Path) -> Iterator[Requirement]:
    """What a pyproject.toml asks for, extras and groups included."""
    project = tomllib.loads((folder / "pyproject.toml").read_text())
    groups = [
        project["project"].get("dependencies", []),
        project.get("build-system", {}).get("requires", []),
        *project["project"].get("optional-dependencies", {}).values(),
        *project.get("dependency-groups", {}).values(),
    ]
    for group in groups:
        yield from (Requirement(each) for each in group if isinstance(each, str))


def needed(folder: Path) -> set[str]:
    """The names of what a member cannot run without."""
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    return {canonicalize_name(Requirement(each).name) for each in project.get("dependencies", [])}


def complaints(root: Path) -> Iterator[str]:
    pinned = pins(root / "requirements.txt")
    bootstrap = pins(root / "deploy" / "local" / "bootstrap.txt")
    if bootstrap != {"uv": pinned.get("uv")}:
        yield "deploy/local/bootstrap.txt and requirements.txt differ on uv"
    image = pins(root / "deploy" / "images" / "requirements.txt")
    for name, versions in image.items():
        if not versions <= pinned.get(name, set()):
            yield f"deploy/images/requirements.txt and requirements.txt differ on {name}"
    folders = sorted(file.parent for file in [*root.glob("*/pyproject.toml"), root / "pyproject.toml"])
    members = {tomllib.loads((folder / "pyproject.toml").read_text())["project"]["name"] for folder in folders}
    for folder in folders:
        for requirement in asked(folder):
            name = canonicalize_name(requirement.name)
            if name in members:
                continue
            if folder != root and name in needed(folder) and name not in image:
                yield f"{folder.name} runs with {requirement}, which deploy/images/requirements.txt does not pin"
            if name not in pinned:
                yield f"{folder.name} asks for {requirement}, which requirements.txt does not pin"
            elif not all(version in requirement.specifier for version in pinned[name]):
                yield f"{folder.name} asks for {requirement}, requirements.txt pins another version"


def main() -> int:
    wrong = list(complaints(ROOT))
    for each in wrong:
        sys.stderr.write(f"{each}: run `make requirements`\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
