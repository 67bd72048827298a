"""Who may connect to the local NATS, and what each may publish and hear."""

from __future__ import annotations

from typing import Any

from deploy.local.home import SERVICES, Secrets


def configuration(secrets: Secrets) -> dict[str, Any]:
    """What is added to the server's configuration file."""
    users = [{"user": name, "password": secrets.password(f"{name}_nats")} for name in (*SERVICES, "gateway")]
    return {"authorization": {"users": users}}
