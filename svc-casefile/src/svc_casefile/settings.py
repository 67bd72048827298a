"""What this service alone is told by its environment."""

from typing import Annotated

from pydantic import AfterValidator, SecretStr

from shared.chassis.settings import ServiceSettings
from svc_casefile.sealing import Seals


def _readable(keys: SecretStr) -> SecretStr:
    Seals.parse(keys.get_secret_value())
    return keys


class CaseFileSettings(ServiceSettings):
    sealing_keys: Annotated[SecretStr, AfterValidator(_readable)]
    """JSON: name → 32 bytes in base64. The last one seals the identities of those who complain; the others still open
    what they have sealed, until `migrate` has sealed it anew."""

    @property
    def seals(self) -> Seals:
        return Seals.parse(self.sealing_keys.get_secret_value())
