"""What this service alone is told by its environment."""

from pydantic import Field

from shared.chassis.settings import ServiceSettings


class RegistrySettings(ServiceSettings):
    first_administrator: str | None = Field(default=None, min_length=1, max_length=255, pattern=r"^[!-~]+$")
    """The OIDC subject that `migrate` appoints to headquarters, unless they ever held it."""
