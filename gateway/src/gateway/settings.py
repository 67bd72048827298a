"""What the gateway is told: environment variables only, checked once at start."""

import json
from ipaddress import ip_network
from typing import Annotated, Any, Literal

import limits
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from pydantic import AfterValidator, AnyHttpUrl, BeforeValidator, Field, SecretStr, TypeAdapter, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ASYMMETRIC = frozenset({"ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "Ed25519"})
"""Algorithms that may be allowed: a token cannot be forged with what the issuer publishes."""

_HTTP_URL = TypeAdapter(AnyHttpUrl)


def _listed(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _from_json(value: object) -> object:
    return json.loads(value) if isinstance(value, str) else value  # a JSONDecodeError is a ValueError


def _address(value: str) -> str:
    _HTTP_URL.validate_python(value)
    return value


def _rate(value: str) -> str:
    limits.parse(value)  # raises ValueError
    return value


Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
"""Comma-separated in the environment."""
Address = Annotated[str, AfterValidator(_address)]
"""An http or https URL, letter for letter as it was given."""
Rate = Annotated[str, AfterValidator(_rate)]
"""As in `600/minute`."""


class GatewaySettings(BaseSettings):
    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "text"] = "json"
    access_log: bool = True
    otel_exporter_otlp_endpoint: str | None = None
    trace_ratio: float = Field(default=0.05, ge=0, le=1)
    """The share of requests that leave a trace; the services follow the gateway's choice."""
    shutdown_grace_seconds: int = Field(default=8, ge=1)
    forwarded_allow_ips: Listed = ()
    """Proxies in front of the gateway, by address or network, whose `X-Forwarded-For` is believed. Never everybody: a
    client could choose the address by which it is limited."""

    nats_url: str = "nats://127.0.0.1:4222"
    nats_user: str | None = None
    nats_password: SecretStr | None = None

    oidc_issuer: Address
    """Letter for letter the `iss` of its tokens."""
    oidc_audience: str = Field(min_length=1)
    oidc_algorithms: Listed = ("ES256", "RS256", "Ed25519")
    oidc_token_types: Listed = ("at+jwt", "JWT")
    oidc_refresh_seconds: float = Field(default=600, gt=0)
    """How often the issuer's keys are read again without a reason."""
    oidc_leeway_seconds: int = Field(default=10, ge=0, le=300)

    actor_signing_key: SecretStr
    """The private key (JWK, Ed25519) with which services are told who is calling."""
    upstreams: Annotated[dict[str, Address], NoDecode, BeforeValidator(_from_json)]
    """Where each service is: `{"registry": "http://…", …}`."""
    upstream_concurrency: int = Field(default=256, ge=1)
    """Requests in progress at one service; one more is refused with 503."""
    upstream_connect_seconds: float = Field(default=2, gt=0)
    upstream_timeout_seconds: float = Field(default=30, gt=0)
    """For the whole of an answer. Streams are exempt; they have the next limit."""
    upstream_idle_seconds: float = Field(default=60, gt=0)
    """The longest silence within a stream, up or down."""

    max_body_bytes: int = Field(default=1024 * 1024, ge=1024)
    max_upload_bytes: int = Field(default=1024**3, ge=1024)
    """For operations that take a stream of lines."""

    rate_limit: Rate = "600/minute"
    """Per caller, and per replica of the gateway."""
    rate_limit_writes: Rate | None = None
    """For methods that change something; when absent they count as all others."""
    rate_limit_public: Rate = "30/minute"
    """For operations that need no account: per address of the client (IPv6: per /64), and per replica. Behind proxies
    the address is theirs unless `forwarded_allow_ips` names them."""
    cors_origins: Listed = ()

    events_per_caller: int = Field(default=4, ge=1)
    events_in_total: int = Field(default=500, ge=1)
    """Open event streams; each holds consumers at the broker."""

    audit_journal: str = ".local/gateway/audit"
    """A folder of this process alone, where reads of personal files wait until the broker has them."""
    audit_journal_max_bytes: int = Field(default=256 * 1024 * 1024, ge=1024)

    @field_validator("forwarded_allow_ips")
    @classmethod
    def _only_known_proxies(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            ip_network(each)  # raises ValueError
        return value

    @field_validator("oidc_algorithms")
    @classmethod
    def _only_asymmetric(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or not ASYMMETRIC.issuperset(value):
            raise ValueError(f"allowed are {', '.join(sorted(ASYMMETRIC))}")
        return value

    @field_validator("actor_signing_key")
    @classmethod
    def _can_sign(cls, value: SecretStr) -> SecretStr:
        try:
            key = _key(value)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise ValueError("must be a private Ed25519 key as JWK") from error
        if not key.is_private or key.curve_name != "Ed25519" or not key.kid:
            raise ValueError("must be a private Ed25519 key as JWK, with a kid")
        return value

    def actor_key(self) -> OKPKey:
        return _key(self.actor_signing_key)


def _key(secret: SecretStr) -> OKPKey:
    jwk: dict[str, Any] = json.loads(secret.get_secret_value())
    return OKPKey.import_key(jwk)
