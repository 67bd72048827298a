"""What is kept so that nobody reads it who only reads the database: sealed with a key of the environment."""

import base64
import binascii
import hmac
import json
import os
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from fastapi import Request
from pydantic import AfterValidator, SecretStr

from shared.chassis.http import Carried
from shared.chassis.settings import ServiceSettings

_NONCE_BYTES = 12
_KEY_BYTES = 32


class SealBroken(ValueError):
    """What is kept is not what was sealed there, or its key is not known any more."""


class Seals:
    """AES-256-GCM under several keys by name: the last one seals, every one opens.

    What is sealed is bound to its place (table, column and row): put into another row it does not open.
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = {name: AESGCM(key) for name, key in keys.items()}
        # of its own for each purpose, so that an index says nothing of what is sealed
        self._index_keys = {
            name: HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=b"blind index").derive(key)
            for name, key in keys.items()
        }
        self.current = [*keys][-1]

    @classmethod
    def parse(cls, text: str) -> "Seals":
        """Read `{"2026-01": "<32 bytes in base64>", …}`. Raises ValueError."""
        said = json.loads(text)
        if not (isinstance(said, dict) and said and all(isinstance(each, str) for each in said.values())):
            raise ValueError("must be a JSON object of at least one key, each in base64")
        try:
            keys = {name: base64.b64decode(each, validate=True) for name, each in said.items()}
        except binascii.Error:
            raise ValueError("a key is not base64") from None
        if any(len(key) != _KEY_BYTES for key in keys.values()):
            raise ValueError(f"a key does not have {_KEY_BYTES} bytes")
        return cls(keys)

    def seal(self, plain: bytes, *, place: str) -> tuple[str, bytes]:
        """The name of the key, and what to keep."""
        nonce = os.urandom(_NONCE_BYTES)
        return self.current, nonce + self._keys[self.current].encrypt(nonce, plain, place.encode())

    def open(self, sealed: bytes, *, key_id: str, place: str) -> bytes:
        """Raises SealBroken."""
        try:
            return self._keys[key_id].decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode())
        except (KeyError, ValueError, InvalidTag) as error:
            raise SealBroken(place) from error

    def index(self, plain: str, *, place: str) -> bytes:
        """By what a value is found again that is kept sealed: under the key that seals, as `indexes` under all."""
        return self.indexes(plain, place=place)[-1]

    def indexes(self, plain: str, *, place: str) -> list[bytes]:
        said = f"{place}\x00{plain}".encode()
        return [hmac.digest(key, said, "sha256") for key in self._index_keys.values()]


def _readable(keys: SecretStr) -> SecretStr:
    Seals.parse(keys.get_secret_value())
    return keys


class SealingSettings(ServiceSettings):
    """Of a service that seals."""

    sealing_keys: Annotated[SecretStr, AfterValidator(_readable)]
    """JSON: name → 32 bytes in base64. The last one seals; the others still open what they have sealed, until
    `migrate` has sealed it anew."""

    @cached_property
    def seals(self) -> Seals:
        return Seals.parse(self.sealing_keys.get_secret_value())


def _seals(request: Request) -> Seals:
    seals: Seals = request.app.state.service.settings.seals
    return seals


Sealing = Annotated[Seals, Carried(_seals)]
"""What a handler seals and opens with."""
