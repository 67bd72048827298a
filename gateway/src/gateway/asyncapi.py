"""The AsyncAPI 3.0 document of all events, made from the event classes: `python -m gateway.asyncapi`.

It is committed at `gateway/src/gateway/contracts/asyncapi.yaml`, which the gateway serves. Development only: writing
YAML needs PyYAML.
"""

import sys
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from shared.contracts import adoption, casefile, gateway, licensing, national, registry, screening
from shared.contracts.events import CONTENT_TYPE, EVENTS, Envelope, Event, NationalEvent

_OWNERS = (registry, casefile, screening, licensing, adoption, gateway, national)

_DESCRIPTION = """\
Events of the neighbourhood welfare centers ("Positive Life", مثبت زندگی), published over NATS JetStream.

**Subjects.** A fact is published at its type followed by its address: the two digits of the province, the two of the
county and the three of the center, with `-` where a level is absent. `pl.registry.center.opened.v1.29.01.003` is the
opening of center 003 of county 01 of province 29. A connected system has credentials for the addresses of its own
jurisdiction and receives nothing else.

**Delivery.** Every owner has one stream, named after it in capitals (`REGISTRY`, `CASEFILE`). On each stream that a
connected system may read, a durable pull consumer `client-<user>` is kept for it: bind to it in the JetStream domain
`positive-life`, fetch, and acknowledge when the effect is safe. Delivery is at least once: recognise a repetition by
`id`, and never let the state of a lower `version` overwrite a higher one.

**Asked and answered.** A national system that centers and offices inquire of is asked at `national.<its name>.…`, where
it alone reads, and publishes its answers there.

**Evolution.** Within a version (`v1`) only optional fields are added: ignore what you do not know. A break is a new
version beside the old one."""

_LEVELS = {
    "province": ("Two digits of the province, or `-` for a fact of the whole nation", ["29", "-"]),
    "county": ("Two digits of the county within the province, or `-`", ["01", "-"]),
    "center": ("Three digits of the center within the county, or `-`", ["003", "-"]),
}
_PARAMETERS = _LEVELS | {"system": ("The name of the national system", ["criminal-record"])}


class _WithoutFieldTitles(GenerateJsonSchema):
    """Without "Posting Id" beside `posting_id`."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False


def document() -> dict[str, Any]:
    """The document as plain data; the same events always give the same document."""
    events = sorted((event for event in EVENTS.values() if event.__module__ in _modules()), key=lambda each: each.type)
    _, definitions = models_json_schema(
        [(Envelope, "validation"), *((event, "validation") for event in events)],
        ref_template="#/components/schemas/{model}",
        schema_generator=_WithoutFieldTitles,
    )
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Positive Life events", "version": "1.0.0", "description": _DESCRIPTION},
        "defaultContentType": CONTENT_TYPE,
        "servers": {
            "production": {
                "host": "{host}:{port}",
                "protocol": "nats",
                "description": "NATS 2.15 with JetStream, over TLS",
                "variables": {
                    "host": {"description": "Given with your credentials", "default": "nats.example.org"},
                    "port": {"default": "4222"},
                },
                "security": [{"$ref": "#/components/securitySchemes/password"}],
            }
        },
        "channels": {_name(event): _channel(event) for event in events},
        "operations": {f"publish{event.__name__}": _operation(event) for event in events},
        "components": {
            "securitySchemes": {
                "password": {"type": "userPassword", "description": "One user per connected system and jurisdiction"}
            },
            "parameters": {
                name: {"description": text, "examples": examples} for name, (text, examples) in _PARAMETERS.items()
            },
            "messages": {event.__name__: _message(event) for event in events},
            "schemas": definitions["$defs"] | {"Headers": _HEADERS},
        },
    }


_HEADERS = {
    "type": "object",
    "properties": {
        "Nats-Msg-Id": {"type": "string", "format": "uuid", "description": "The id of the event"},
        "Content-Type": {"const": CONTENT_TYPE},
        "traceparent": {"type": "string", "description": "W3C trace context of what caused the event"},
    },
    "required": ["Nats-Msg-Id", "Content-Type"],
}


def _modules() -> set[str]:
    return {module.__name__ for module in _OWNERS}


def _name(event: type[Event]) -> str:
    return event.type.removeprefix("pl.")


def _channel(event: type[Event]) -> dict[str, Any]:
    parameters = [*_LEVELS, "system"] if issubclass(event, NationalEvent) else [*_LEVELS]
    return {
        "address": event.everywhere.replace("*", "{system}").replace(
            ">", ".".join(f"{{{level}}}" for level in _LEVELS)
        ),
        "title": event.__name__,
        "description": event.__doc__,
        "messages": {event.__name__: {"$ref": f"#/components/messages/{event.__name__}"}},
        "parameters": {name: {"$ref": f"#/components/parameters/{name}"} for name in parameters},
        "tags": [{"name": event.owner}],
    }


def _operation(event: type[Event]) -> dict[str, Any]:
    channel = f"#/channels/{_name(event)}"
    sent_in = _is_sent_in(event)
    return {
        "action": "receive" if sent_in else "send",
        "title": f"{'a national system' if sent_in else event.owner} publishes {event.__name__}",
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{event.__name__}"}],
    }


def _is_sent_in(event: type[Event]) -> bool:
    return event.owner == "national"


def _message(event: type[Event]) -> dict[str, Any]:
    return {
        "name": event.type,
        "title": event.__name__,
        "summary": event.__doc__,
        "contentType": CONTENT_TYPE,
        "headers": {"$ref": "#/components/schemas/Headers"},
        "payload": {
            "allOf": [
                {"$ref": "#/components/schemas/Envelope"},
                {
                    "type": "object",
                    "properties": {
                        "source": {"pattern": "^/[a-z-]+$"} if _is_sent_in(event) else {"const": f"/{event.owner}"},
                        "type": {"const": event.type},
                        "data": {"$ref": f"#/components/schemas/{event.__name__}"},
                    },
                },
            ]
        },
    }


def main() -> None:
    import yaml

    class Dumper(yaml.SafeDumper):
        """Texts of several lines stay readable."""

    Dumper.add_representer(
        str,
        lambda dumper, text: dumper.represent_scalar(
            "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None
        ),
    )
    yaml.dump(document(), sys.stdout, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=110)


if __name__ == "__main__":
    main()
