"""The folders, the workspace, the import contracts and the images speak of the same members."""

import ast
import io
import tokenize
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = sorted(path.name for path in ROOT.glob("svc-*"))
MEMBERS = ["gateway", "shared", *SERVICES]
VOCABULARY = {
    "__init__",
    "endpoints",
    "consumers",
    "service",
    "repository",
    "queries",
    "events",
    "schemas",
    "models",
    "errors",
}
"""The files that a feature may have; `worker` is for what runs beside requests."""


def _project(folder: Path) -> dict:  # type: ignore[type-arg]
    return tomllib.loads((folder / "pyproject.toml").read_text())


def test_the_workspace_depends_on_every_member() -> None:
    project = _project(ROOT)
    assert sorted(project["project"]["dependencies"]) == sorted(MEMBERS)
    assert sorted(project["tool"]["uv"]["sources"]) == sorted(MEMBERS)


@pytest.mark.parametrize("member", MEMBERS)
def test_folder_distribution_and_package_have_one_name(member: str) -> None:
    assert _project(ROOT / member)["project"]["name"] == member
    assert (ROOT / member / "src" / member.replace("-", "_") / "__init__.py").exists()
    assert (ROOT / member / "tests").is_dir()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_what_every_service_has(service: str) -> None:
    folder = ROOT / service
    package = folder / "src" / service.replace("-", "_")
    for expected in (folder / "README.md", folder / "openapi.json", folder / "migrations/env.py", package / "main.py"):
        assert expected.exists(), expected.relative_to(ROOT)
    assert len((package / "main.py").read_text().splitlines()) < 90, "main.py is the list of what a service is made of"


@pytest.mark.parametrize("service", SERVICES)
def test_features_have_only_files_of_the_vocabulary(service: str) -> None:
    package = ROOT / service / "src" / service.replace("-", "_")
    for file in package.glob("*/*.py"):
        assert file.stem in VOCABULARY | {"worker"}, file.relative_to(ROOT)


@pytest.mark.parametrize("service", SERVICES)
def test_every_feature_with_operations_tests_its_access(service: str) -> None:
    """In a file of its own, or in the service's, which says so by driving all operations that share their addresses."""
    package, tests = ROOT / service / "src" / service.replace("-", "_"), ROOT / service / "tests"
    common = (tests / "test_access.py").read_text() if (tests / "test_access.py").exists() else ""
    for endpoints in package.glob("*/endpoints.py"):
        feature = endpoints.parent.name
        prefix = endpoints.read_text().partition('Router(prefix="')[2].partition('"')[0].partition("/{")[0]
        own = (tests / feature / "test_access.py").exists()
        assert own or (common and f'"{prefix}' in common), f"{service}: {feature}"


def test_import_contracts_know_every_member() -> None:
    contracts = _project(ROOT)["tool"]["importlinter"]
    packages = {member.replace("-", "_") for member in MEMBERS}
    assert set(contracts["root_packages"]) == packages
    (strangers,) = [each for each in contracts["contracts"] if each["type"] == "independence"]
    assert set(strangers["modules"]) == packages - {"shared"}


def test_shared_stays_small() -> None:
    """Code alone: blank lines, comments and docstrings are free, and so are the events that owners declare, and the
    words and tables in which they say who may do what."""
    names = [*(member.removeprefix("svc-") for member in MEMBERS), "national", "permissions", "roles"]
    owners = {ROOT / f"shared/src/shared/contracts/{name}.py" for name in names}
    lines = sum(
        _code_lines(file.read_text())
        for part in ("kit", "contracts", "chassis")
        for file in (ROOT / "shared/src/shared" / part).rglob("*.py")
        if file not in owners
    )
    assert lines <= 3_500, f"shared has {lines} lines without testing: what has only one user moves to it"


def _code_lines(source: str) -> int:
    kinds = {tokenize.NAME, tokenize.OP, tokenize.NUMBER, tokenize.STRING}
    tokens = [each for each in tokenize.generate_tokens(io.StringIO(source).readline) if each.type in kinds]
    code = {line for token in tokens for line in range(token.start[0], token.end[0] + 1)}
    docstrings = {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    return len(code - docstrings)


def test_no_registry_address_and_no_secret_is_committed() -> None:
    requirements = (ROOT / "requirements.txt").read_text()
    assert "://" not in requirements
    assert "--hash=sha256:" in requirements
