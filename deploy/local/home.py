"""The folder of the local stack (`.local/`, or POSITIVE_LIFE_HOME): data, logs, secrets, and where things listen."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey, OKPKey

ROOT = Path(__file__).parents[2]
SERVICES = ("registry", "casefile", "screening", "licensing", "adoption")
NATIONAL_BODIES = (
    "criminal-record",
    "addiction-test",
    "military-service",
    "mental-health",
    "degree",
    "places",
    "engineering",
    "health-office",
    "ownership",
    "security",
    "selection",
)
"""Whom licensing asks by events; each has a NATS user of its own, of the same name."""
DEFAULT_PORT = 8080
ADMINISTRATOR = "demo-administrator"
"""The account that is headquarters from the first day, and appoints the others."""


class Refusal(Exception):
    """The stack cannot do what was asked; the message is one sentence for the person at the keyboard."""


@dataclass(frozen=True)
class Ports:
    """Ten in a row from the gateway's."""

    gateway: int

    def service(self, name: str) -> int:
        return self.gateway + 1 + SERVICES.index(name)

    @property
    def issuer(self) -> int:
        return self.gateway + 6

    @property
    def postgres(self) -> int:
        return self.gateway + 7

    @property
    def nats(self) -> int:
        return self.gateway + 8

    @property
    def nats_monitor(self) -> int:
        return self.gateway + 9

    @classmethod
    def from_environment(cls) -> Ports:
        text = os.environ.get("GATEWAY_PORT") or str(DEFAULT_PORT)
        if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65_526:
            raise Refusal(
                f"GATEWAY_PORT is {text!r}: it has to be a number from 1 to 65526 (ten ports in a row are used)."
            )
        return cls(int(text))


class Home:
    """One folder, used by one running stack at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.logs = folder / "logs"

    @classmethod
    def from_environment(cls) -> Home:
        configured = os.environ.get("POSITIVE_LIFE_HOME")
        return cls(Path(configured).expanduser().absolute() if configured else ROOT / ".local")

    @contextmanager
    def locked(self) -> Iterator[None]:
        try:
            self.logs.mkdir(parents=True, exist_ok=True)
            lock = (self.folder / "lock").open("a+")
        except OSError as error:
            raise Refusal(f"The folder {self.folder} cannot be used: {error.strerror}.") from None
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                who = lock.read().strip()
                raise Refusal(f"The stack in {self.folder} is running already (process {who or 'unknown'}).") from None
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            try:
                yield
            finally:
                lock.truncate(0)

    @property
    def addresses(self) -> Path:
        """There while the stack is ready: where `make token` and `make demo` find it."""
        return self.folder / "addresses.json"

    def log(self, name: str) -> Path:
        """The log of a process; what it said in its earlier life is kept once, when it has grown large."""
        log = self.logs / f"{name}.log"
        if log.exists() and log.stat().st_size > 10_000_000:
            log.replace(log.with_suffix(".old.log"))
        return log

    def secrets(self) -> Secrets:
        """Made once; only the owner of the folder can read them."""
        file = self.folder / "secrets.json"
        known: dict[str, Any] = {}
        if file.exists():
            try:
                known = json.loads(file.read_text())
            except (OSError, ValueError):
                raise Refusal(f"{file} cannot be read: restore it, or start anew with an empty folder.") from None
        found = Secrets(known)
        if found.complete():
            self.keep(found)
        return found

    def keep(self, secrets: Secrets) -> None:
        write_private(self.folder / "secrets.json", json.dumps(secrets.values, indent=2))


class Secrets:
    """Passwords and keys by name; asking for an unknown one makes it."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def complete(self) -> bool:
        """Make what is missing; whether anything was."""
        before = len(self.values)
        for service in SERVICES:
            for name in (f"{service}_owner", f"{service}_app", f"{service}_nats", f"{service}_cursor"):
                self.values.setdefault(name, secrets.token_urlsafe(32))
        for name in ("postgres", "gateway_nats", "administrator_nats"):
            self.values.setdefault(name, secrets.token_urlsafe(32))
        for name in ("welfare-database-29", *NATIONAL_BODIES):
            self.values.setdefault(f"{name}_nats", secrets.token_urlsafe(32))
        if "actor_key" not in self.values:
            self.values["actor_key"] = OKPKey.generate_key("Ed25519", auto_kid=True).as_dict(private=True)
        if "issuer_keys" not in self.values:
            key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
            self.values["issuer_keys"] = [key.as_dict(private=True)]
        for name in ("casefile_sealing", "screening_sealing", "licensing_sealing", "adoption_sealing"):
            if name not in self.values:
                self.values[name] = {"local": base64.b64encode(secrets.token_bytes(32)).decode()}
        return len(self.values) > before

    def password(self, name: str) -> str:
        return str(self.values[name])

    def sealing_keys(self, service: str) -> str:
        """The last one seals."""
        return json.dumps(self.values[f"{service}_sealing"])

    @property
    def actor_key(self) -> OKPKey:
        return OKPKey.import_key(self.values["actor_key"])

    @property
    def issuer_keys(self) -> list[ECKey]:
        """The last one signs; the others are published until their tokens have ended."""
        return [ECKey.import_key(each) for each in self.values["issuer_keys"]]


def write_private(file: Path, text: str) -> None:
    new = file.with_name(file.name + ".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as output:
        output.write(text)
    new.replace(file)
