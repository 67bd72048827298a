"""The golden JSON Schemas of all events: what was promised, beside what the code now says.

`python -m shared.testing.goldens` writes the goldens of new events and of optional fields that were added, and refuses
to write over a promise that was broken: that takes a new version of the event beside the old one.
"""

import importlib
import json
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from shared import contracts
from shared.contracts.events import EVENTS

FOLDER = Path(contracts.__file__).with_name("schemas")

_ANNOTATIONS = {"title", "description", "examples", "default", "$defs"}

for _module in pkgutil.iter_modules(contracts.__path__):
    importlib.import_module(f"shared.contracts.{_module.name}")


def current() -> dict[str, dict[str, Any]]:
    """The schema of every event by its type, as the code has it."""
    return {name: event.model_json_schema() for name, event in sorted(EVENTS.items())}


def committed() -> dict[str, dict[str, Any]]:
    return {path.name.removesuffix(".json"): json.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.json")}


def breaks(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What a reader of `old` would trip over in `new`, a line each; empty when only optional fields were added."""
    return list(_breaks(_inlined(old, old), _inlined(new, new), ""))


def _breaks(old: Any, new: Any, at: str) -> Iterator[str]:
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for place, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _breaks(before, after, f"{at}/{place}")
    elif isinstance(old, dict) and isinstance(new, dict):
        before, after = old.get("properties", {}), new.get("properties", {})
        for name in sorted(before.keys() - after.keys()):
            yield f"{at}/{name}: removed"
        for name in sorted(set(new.get("required", ())) ^ set(old.get("required", ()))):
            if name in after:
                yield f"{at}/{name}: {'newly' if name in new.get('required', ()) else 'no longer'} required"
        for name in sorted(before.keys() & after.keys()):
            yield from _breaks(before[name], after[name], f"{at}/{name}")
        for keyword in sorted((old.keys() | new.keys()) - _ANNOTATIONS - {"properties", "required"}):
            yield from _breaks(old.get(keyword), new.get(keyword), f"{at}#{keyword}")
    elif old != new:
        yield f"{at}: was {json.dumps(old)}, is {json.dumps(new)}"


def _inlined(schema: Any, root: Mapping[str, Any]) -> Any:
    """The schema with every reference replaced by what it stands for: a renamed model is no change on the wire."""
    if isinstance(schema, list):
        return [_inlined(each, root) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    return {keyword: _inlined(value, root) for keyword, value in schema.items() if keyword != "$defs"}


def main() -> int:
    """Write the goldens; exit status 1 when a promise is broken, and then nothing is written."""
    promised, now = committed(), current()
    broken = [f"{name}: the event is gone" for name in sorted(promised.keys() - now.keys())]
    broken += [f"{name}{line}" for name in promised.keys() & now.keys() for line in breaks(promised[name], now[name])]
    if broken:
        sys.stderr.write("\n".join(["a promise is broken; add the next version beside it:", *broken, ""]))
        return 1
    FOLDER.mkdir(exist_ok=True)
    for name, schema in now.items():
        (FOLDER / f"{name}.json").write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
