"""Configuration of a service: environment variables only, checked once at start."""

import sys
from typing import Literal, NoReturn, TypeVar

from pydantic import Field, PostgresDsn, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """What every service is told. A service adds a subclass only for what it alone needs."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: int = 8000
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "text"] = "json"
    otel_exporter_otlp_endpoint: str | None = None

    database_url: PostgresDsn
    """The application role: bound by row-level security."""
    database_owner_url: PostgresDsn | None = None
    """The owner of the tables: only `migrate` needs it."""
    database_read_url: PostgresDsn | None = None
    """A replica for queries; the primary when absent."""
    database_pool_size: int = Field(default=8, ge=2, le=100)
    """Connections for commands, and again as many for queries."""
    statement_timeout_seconds: int = Field(default=30, ge=1)

    nats_url: str = "nats://127.0.0.1:4222"
    nats_user: str | None = None
    nats_password: SecretStr | None = None

    actor_keys: str
    """JWKS (JSON) with the public keys that the gateway signs actors with."""
    cursor_key: SecretStr = Field(min_length=32)
    """Signs list cursors; the same for all replicas of a service."""
    max_body_bytes: int = Field(default=1024 * 1024, ge=1024)
    shutdown_grace_seconds: int = Field(default=8, ge=1)

    @property
    def read_url(self) -> PostgresDsn:
        return self.database_read_url or self.database_url


S = TypeVar("S", bound=BaseSettings)


def load(settings: type[S]) -> S:
    """Read the environment, or leave with one sentence that names each variable that is wrong."""
    try:
        return settings()
    except ValidationError as error:
        refuse(
            "; ".join(
                f"{'_'.join(map(str, problem['loc'])).upper() or 'settings'}: {problem['msg']}"
                for problem in error.errors(include_input=False, include_url=False)
            )
        )


def refuse(sentence: str) -> NoReturn:
    """End the process with a sentence for the operator instead of a traceback."""
    sys.stderr.write(f"cannot start: {sentence}\n")
    raise SystemExit(2)
