"""A gateway that is told nonsense does not start, and says in one sentence why."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, OKPKey

from gateway.settings import GatewaySettings

GOOD = {
    "OIDC_ISSUER": "https://id.example/realms/welfare/",
    "OIDC_AUDIENCE": "positive-life",
    "ACTOR_SIGNING_KEY": json.dumps(OKPKey.generate_key("Ed25519", {"kid": "k"}).as_dict(private=True)),
    "UPSTREAMS": json.dumps(dict.fromkeys(("registry", "casefile"), "http://127.0.0.1:9")),
}


def read(monkeypatch: pytest.MonkeyPatch, **changed: str) -> GatewaySettings:
    for name, value in (GOOD | changed).items():
        monkeypatch.setenv(name, value)
    return GatewaySettings()


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch, CORS_ORIGINS="https://a.example, https://b.example", OIDC_ALGORITHMS="ES256")
    assert settings.cors_origins == ("https://a.example", "https://b.example")
    assert settings.oidc_algorithms == ("ES256",)
    assert settings.upstreams["registry"] == "http://127.0.0.1:9"


def test_the_issuer_is_taken_letter_for_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch).oidc_issuer == GOOD["OIDC_ISSUER"]


@pytest.mark.parametrize(
    "changed",
    [
        {"OIDC_ISSUER": "id.example"},
        {"OIDC_AUDIENCE": ""},
        {"OIDC_ALGORITHMS": "none"},
        {"OIDC_ALGORITHMS": "HS256,ES256"},
        {"OIDC_ALGORITHMS": ""},
        {"ACTOR_SIGNING_KEY": "secret"},
        {"ACTOR_SIGNING_KEY": "[]"},
        {"ACTOR_SIGNING_KEY": json.dumps(OKPKey.generate_key("Ed25519", {"kid": "k"}).as_dict(private=False))},
        {"ACTOR_SIGNING_KEY": json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=True))},
        {"ACTOR_SIGNING_KEY": json.dumps(ECKey.generate_key("P-256", {"kid": "k"}).as_dict(private=True))},
        {"UPSTREAMS": "http://127.0.0.1"},
        {"UPSTREAMS": '{"registry": "nowhere"}'},
        {"UPSTREAMS": "[]"},
        {"RATE_LIMIT": "many"},
        {"RATE_LIMIT_PUBLIC": "many"},
        {"FORWARDED_ALLOW_IPS": "*"},
        {"FORWARDED_ALLOW_IPS": "10.0.0.0/8,the proxy"},
        {"TRACE_RATIO": "2"},
        {"UPSTREAM_TIMEOUT_SECONDS": "0"},
    ],
    ids=lambda changed: next(iter(changed.items()))[0],
)
def test_nonsense(monkeypatch: pytest.MonkeyPatch, changed: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(changed)).lower()):
        read(monkeypatch, **changed)


def process(tmp_path: Path, **environment: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gateway.main", "serve"],
        env={"PATH": os.environ["PATH"], "AUDIT_JOURNAL": str(tmp_path / "audit"), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_process_leaves_with_one_sentence_that_names_what_is_wrong(tmp_path: Path) -> None:
    ended = process(tmp_path, **(GOOD | {"OIDC_ALGORITHMS": "none"}))
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert len(ended.stderr.strip().splitlines()) == 1
    assert ended.stderr.startswith("cannot start: OIDC_ALGORITHMS: ")
    assert GOOD["ACTOR_SIGNING_KEY"] not in ended.stderr


def test_a_service_without_an_address(tmp_path: Path) -> None:
    ended = process(tmp_path, **(GOOD | {"UPSTREAMS": "{}"}))
    assert ended.returncode == 2
    assert ended.stderr.startswith("cannot start: UPSTREAMS: no address for ")


def test_a_journal_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    environment = GOOD | {"AUDIT_JOURNAL": str(tmp_path / "file" / "audit")}
    environment["UPSTREAMS"] = json.dumps(
        dict.fromkeys(("registry", "casefile", "screening", "licensing", "adoption"), "http://127.0.0.1:9")
    )
    ended = process(tmp_path, **environment)
    assert ended.returncode == 2, ended.stderr
    assert "cannot start: AUDIT_JOURNAL: " in ended.stderr
