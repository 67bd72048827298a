"""Whether the manifests hold: `python -m deploy.kubernetes.validate`, with `--write` to render them anew.

Each overlay is kept rendered in `rendered/`, for reviewers, for tools that apply plain files, and so that it can be
checked where there is no kubectl. Where there is one, the check also renders and compares.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from kubernetes_validate import SchemaNotFoundError, ValidationError, validate  # type: ignore[import-untyped]  # no stubs

FOLDER = Path(__file__).parent
OVERLAYS = ("production",)
OLDEST, NEWEST = "1.32", "1.37"
"""Releases of Kubernetes that every manifest is checked against, unknown fields refused."""
BEYOND_KUBERNETES = frozenset({("gateway.networking.k8s.io/v1", "HTTPRoute")})
"""Kinds that an extension brings: Kubernetes itself has no schema for them."""

Manifest = dict[str, Any]


def rendered_file(overlay: str) -> Path:
    return FOLDER / "rendered" / f"{overlay}.yaml"


def manifests(text: str) -> list[Manifest]:
    return [each for each in yaml.safe_load_all(text) if each]


def kept(overlay: str) -> list[Manifest]:
    """The overlay as it was last rendered."""
    return manifests(rendered_file(overlay).read_text())


def render(overlay: str) -> str | None:
    """What kubectl makes of the sources; None where there is no kubectl. Raises CalledProcessError."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        return None
    command = [kubectl, "kustomize", str(FOLDER / "overlays" / overlay)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own folder


def complaints(found: list[Manifest]) -> Iterator[str]:
    for manifest in found:
        kind = (manifest["apiVersion"], manifest["kind"])
        for version in (OLDEST, NEWEST):
            try:
                validate(manifest, version, strict=True)
            except ValidationError as error:
                place = ".".join(str(part) for part in error.path)
                yield f"{kind[1]} {manifest['metadata']['name']}, Kubernetes {version}: {place}: {error.message}"
            except SchemaNotFoundError:
                if kind not in BEYOND_KUBERNETES:
                    yield f"{kind[1]} {manifest['metadata']['name']}: Kubernetes {version} has no {' '.join(kind)}"


def main() -> int:
    parser = ArgumentParser(prog="python -m deploy.kubernetes.validate", description=__doc__)
    parser.add_argument("--write", action="store_true", help="render the overlays anew")
    write = parser.parse_args().write
    wrong: list[str] = []
    for overlay in OVERLAYS:
        try:
            new = render(overlay)
        except subprocess.CalledProcessError as error:
            wrong.append(f"overlays/{overlay} cannot be rendered: {error.stderr.strip()}")
            continue
        if new is None:
            if write:
                wrong.append("kubectl is not installed: it is what renders the overlays")
                break
            sys.stderr.write(f"kubectl is not installed: rendered/{overlay}.yaml is checked as it is\n")
        elif write:
            rendered_file(overlay).write_text(new)
        elif manifests(new) != kept(overlay):
            wrong.append(f"rendered/{overlay}.yaml is out of step: run python -m deploy.kubernetes.validate --write")
        wrong += [f"overlays/{overlay}: {each}" for each in complaints(kept(overlay))]
    for each in wrong:
        sys.stderr.write(f"{each}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
