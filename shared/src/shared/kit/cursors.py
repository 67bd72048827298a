"""Where a list goes on: signed, so that a caller can neither make one up nor carry it to another list."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any

from pydantic_core import to_json

from shared.kit.problems import InvalidCursor

_SIGNATURE_BYTES = 16


class CursorCodec:
    """Cursors of one service.

    A position is readable by whoever holds it and stands in addresses: put ids, codes and times in it, never a name or
    a number of a person. It comes back as JSON has it (a UUID or a time as text).
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < 32:
            raise ValueError("a cursor key has at least 32 bytes")
        self._key = key

    def encode(self, position: Sequence[object], *, bound_to: str) -> str:
        payload = to_json(list(position))
        return base64.urlsafe_b64encode(self._sign(payload, bound_to) + payload).rstrip(b"=").decode()

    def decode(self, text: str, *, bound_to: str) -> list[Any]:
        """The position; raises InvalidCursor for anything that this codec did not make for `bound_to`."""
        try:
            data = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, UnicodeEncodeError):
            raise InvalidCursor from None
        signature, payload = data[:_SIGNATURE_BYTES], data[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._sign(payload, bound_to)):
            raise InvalidCursor
        position: list[Any] = json.loads(payload)
        return position

    def _sign(self, payload: bytes, bound_to: str) -> bytes:
        where = hashlib.sha256(bound_to.encode()).digest()
        return hmac.digest(self._key, where + payload, "sha256")[:_SIGNATURE_BYTES]
