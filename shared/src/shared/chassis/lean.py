"""To be imported before nats-py is, by a process that has no other use for aiohttp.

nats-py loads aiohttp wherever it is installed, for connections through websockets. Nobody here makes such a
connection, and each process would carry 10 MB and start a fifth of a second later for it.
"""

import sys

if "aiohttp" not in sys.modules:
    sys.modules["aiohttp"] = None  # type: ignore[assignment]  # how Python says that there is none
    try:
        import nats  # noqa: F401
    finally:
        del sys.modules["aiohttp"]
