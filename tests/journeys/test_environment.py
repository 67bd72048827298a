"""`deploy/local/environment`, which makes `.venv`: what it says when the machine lacks something."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.local.home import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the script reads, and no `.venv`."""
    needed = ["requirements.txt", "deploy/local/environment", "deploy/local/bootstrap.txt"]
    for file in [*needed, *(str(found.relative_to(ROOT)) for found in ROOT.glob("*/pyproject.toml"))]:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    return tmp_path


def run(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    script = checkout / "deploy" / "local" / "environment"
    return subprocess.run(
        [script], env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=60
    )


def python(folder: Path, body: str) -> str:
    """A program that stands in for an interpreter of the machine."""
    program = folder / "interpreter"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    return str(program)


def test_a_missing_python_is_one_sentence(checkout: Path) -> None:
    done = run(checkout, PYTHON="python-that-nobody-has")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Python 3.11 or newer is needed")
    assert done.stderr.count("\n") == 1
    assert not (checkout / ".venv").exists()


def test_an_old_python_is_not_taken(checkout: Path) -> None:
    done = run(checkout, PYTHON=python(checkout, "exit 1  # what a comparison with 3.11 says"))
    assert done.returncode == 1
    assert done.stderr.startswith("Python 3.11 or newer is needed")


def test_a_python_without_venv_is_named(checkout: Path) -> None:
    # Debian ships ensurepip in a package of its own
    done = run(checkout, PYTHON=python(checkout, 'case "$2" in *ensurepip*) exit 1;; esac; exec python3 "$@"'))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith("install its venv package (Debian, Ubuntu: python3-venv).")


def test_packages_that_cannot_be_had_are_said_with_the_reason(checkout: Path) -> None:
    nowhere = "http://127.0.0.1:9/simple"
    own = {"UV_DEFAULT_INDEX": nowhere, "PIP_INDEX_URL": nowhere, "PIP_EXTRA_INDEX_URL": "", "PIP_FIND_LINKS": ""}
    alone = {"PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "0", "PIP_NO_CACHE_DIR": "1", "HOME": str(checkout)}
    done = run(checkout, **own, **alone)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("The packages could not be installed: ERROR: ")
    assert run(checkout, **own, **alone).returncode == 1  # it does not take half an environment for a whole one
