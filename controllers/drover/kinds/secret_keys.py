"""Looks at Secrets with credentials: what stays of one are the names of its keys."""

from __future__ import annotations

from dataclasses import replace

from drover.kinds.hub import Hub
from drover.kube.errors import Forbidden, NotFound
from drover.kube.gvr import SECRETS, Key, Object
from drover.rules.credentials import Look


async def look(hub: Hub, namespace: str, name: str) -> None:
    """Notes which keys a Secret has. One that was seen before is asked for its metadata, and for its keys only where it
    has changed."""
    key = Key(namespace, name)
    known = hub.looks.get(key)
    try:
        if known is not None and known.state == "found":
            metadata = await hub.client.get(SECRETS, name, namespace, metadata_only=True)
            if _version(metadata) == known.version:
                hub.looks[key] = replace(known, at=hub.now())
                return
        hub.looks[key] = _seen(hub, await hub.client.get(SECRETS, name, namespace))
    except NotFound:
        hub.looks[key] = Look(hub.now(), "absent")
    except Forbidden:
        hub.looks[key] = Look(hub.now(), "forbidden")


def _seen(hub: Hub, secret: Object) -> Look:
    data = secret.get("data") or {}
    return Look(
        hub.now(),
        "found",
        type=str(secret.get("type") or "Opaque"),
        keys=tuple(sorted(data)),
        empty=tuple(sorted(name for name, value in data.items() if not value)),
        version=_version(secret),
    )


def _version(obj: Object) -> str:
    return f"{obj['metadata']['uid']}/{obj['metadata']['resourceVersion']}"
