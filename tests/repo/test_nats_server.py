"""The production configuration of the broker is one that the broker takes, and one that keeps what it acknowledges."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.nats.accounts import Client, accounts
from shared.chassis.streams import OWNERS

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "nats" / "nats-server.conf"
SERVER = Path(sys.executable).with_name("nats-server")


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The configuration as it lies in a pod, with certificates and accounts beside it."""
    certificate(tmp_path / "tls")
    client = Client(name="welfare-database-29", jurisdiction="29")
    names = dict.fromkeys((*OWNERS, "administrator"), "secret")
    (tmp_path / "accounts.json").write_text(json.dumps({"accounts": accounts(names, {client: "secret"})}))
    text = CONFIGURATION.read_text().replace("/etc/nats", str(tmp_path)).replace('"/data"', f'"{tmp_path}/data"')
    file = tmp_path / "nats-server.conf"
    file.write_text(text)
    return file


def checked(file: Path) -> subprocess.CompletedProcess[str]:
    command = [str(SERVER), "-t", "-c", str(file)]
    return subprocess.run(command, env={"SERVER_NAME": "nats-0"}, capture_output=True, text=True, check=False)


def test_the_server_takes_it(installed: Path) -> None:
    said = checked(installed)
    assert said.returncode == 0, said.stderr


def test_the_server_does_read_what_is_in_it(installed: Path) -> None:
    installed.write_text(installed.read_text().replace("sync_interval: always", "sync_interval: sometimes"))
    assert checked(installed).returncode != 0


def test_acknowledged_is_on_the_disk() -> None:
    assert "\n  sync_interval: always\n" in CONFIGURATION.read_text()


def certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nats.nats.svc")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    folder.mkdir()
    pem = signed.public_bytes(serialization.Encoding.PEM)
    (folder / "tls.crt").write_bytes(pem)
    (folder / "ca.crt").write_bytes(pem)
    (folder / "tls.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
