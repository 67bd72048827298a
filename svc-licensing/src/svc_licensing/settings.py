"""What licensing alone is told."""

from pydantic import HttpUrl, field_validator

from shared.chassis.sealing import SealingSettings


class LicensingSettings(SealingSettings):
    verification_address: HttpUrl
    """Where anybody sees whether a licence is valid, up to its number, with a slash at the end: the QR codes of
    certificates lead there. Either the operation of the gateway, `https://…/v1/licence-verifications/`, or a page in
    front of it."""

    @field_validator("verification_address")
    @classmethod
    def _up_to_the_number(cls, address: HttpUrl) -> HttpUrl:
        if not str(address).endswith("/"):
            raise ValueError("must end with a slash: the number of the licence follows")
        return address
