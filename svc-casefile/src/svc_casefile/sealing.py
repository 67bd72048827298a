"""What is kept so that nobody reads it who only reads the database: sealed with a key of the environment."""

import base64
import binascii
import json
import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

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
        except (KeyError, InvalidTag) as error:
            raise SealBroken(place) from error
