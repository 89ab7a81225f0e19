"""Keeps the certificate of the webhook in its Secret, in the server, and its CA in what kube-apiservers trust."""

from __future__ import annotations

import asyncio
import base64
import logging
import ssl
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from drover.admission import bundle
from drover.admission.bundle import CERTIFICATE, FIELDS, KEY, Certificates, Lives
from drover.admission.server import Server
from drover.kube.client import Client
from drover.kube.errors import ApiError, NotFound, NotLeading, Unreachable
from drover.kube.gvr import MUTATING_WEBHOOKS, SECRETS, VALIDATING_WEBHOOKS, Object, identity

log = logging.getLogger(__name__)

SECRET: Final = "drover-webhook"  # noqa: S105 - the name of one
CONFIGURATION: Final = "drover"
"""Name of both webhook configurations."""

_MANAGER = "drover-webhook"
_SOON_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where the Secret is, the names in the certificate, its lives, and how often it is looked at, in seconds.
    `foreign`: somebody else, such as cert-manager, makes it and tells kube-apiservers whom to trust."""

    namespace: str
    names: Collection[str]
    lives: Lives = field(default_factory=Lives)
    every: float = 10.0
    foreign: bool = False


class Keeper:
    """Every replica reads the Secret and shows the certificate in it; the leader makes and renews it."""

    def __init__(
        self,
        client: Client,
        server: Server,
        keeping: Keeping,
        *,
        leading: Callable[[], bool],
        now: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._server = server
        self._keeping = keeping
        self._leading = leading
        self._now = now
        self._told = ""

    @property
    def problem(self) -> str:
        """Why nobody gets through; empty when the server shows a certificate."""
        return "" if self._server.shown else f"there is no certificate in Secret {self._place} yet"

    @property
    def _place(self) -> str:
        return f"{self._keeping.namespace}/{SECRET}"

    async def run(self) -> None:
        """Looks again and again until cancelled."""
        while True:
            moved = False
            try:
                moved = await self.look()
                self._told = ""
            except (ApiError, Unreachable, NotLeading, ssl.SSLError) as error:
                self._tell(f"certificate of the webhook: {error}")
            await asyncio.sleep(_SOON_SECONDS if moved or not self._server.shown else self._keeping.every)

    async def look(self) -> bool:
        """One look; whether it made a step, and there may be another."""
        try:
            secret = await self._client.get(SECRETS, SECRET, self._keeping.namespace)
        except NotFound:
            self._tell(f"Secret {self._place} is missing; it comes with the chart, which makes an empty one: apply it")
            return False
        data, moved = _decoded(secret), False
        if self._leading() and not self._keeping.foreign:
            from drover.admission.certificates import step  # its library takes 18 MiB

            held = bundle.read(data)
            trusted = await self._trusted(held)
            following = step(held, self._keeping.names, self._now(), self._keeping.lives, trusted)
            if following is not None:
                data, moved = following.data(), True
                await self._client.replace(SECRETS, _with(secret, data), manager=_MANAGER)
                log.info("the certificates of the webhook were renewed", extra={"secret": self._place})
                await self._trusted(following)
        if data.get(CERTIFICATE) and data[CERTIFICATE] != self._server.shown:
            self._server.show(data[CERTIFICATE], data.get(KEY, ""))
        return moved

    async def _trusted(self, held: Certificates | None) -> str:
        """Writes the bundle into the webhook configurations that have another; gives it once all have it."""
        if held is None:
            return ""
        wanted = base64.b64encode(held.bundle.encode()).decode()
        for gvr in (VALIDATING_WEBHOOKS, MUTATING_WEBHOOKS):
            try:
                found = await self._client.get(gvr, CONFIGURATION)
            except NotFound:
                continue  # it is not installed, and asks nothing
            hooks = found.get("webhooks") or []
            if any(hook["clientConfig"].get("caBundle") != wanted for hook in hooks):
                told = [{"name": hook["name"], "clientConfig": {"caBundle": wanted}} for hook in hooks]
                patch = {"apiVersion": gvr.api_version, "kind": gvr.kind, "metadata": identity(found, exactly=False)}
                await self._client.apply(gvr, {**patch, "webhooks": told}, manager=_MANAGER)
        return held.bundle

    def _tell(self, problem: str) -> None:
        if problem != self._told:
            log.warning(problem)
            self._told = problem


def _decoded(secret: Object) -> dict[str, str]:
    found = secret.get("data") or {}
    return {name: base64.b64decode(found[name]).decode(errors="replace") for name in FIELDS if found.get(name)}


def _with(secret: Object, data: Mapping[str, str]) -> Object:
    kept = {name: value for name, value in (secret.get("data") or {}).items() if name not in FIELDS}
    ours = {name: base64.b64encode(value.encode()).decode() for name, value in data.items() if value}
    return {**secret, "data": {**kept, **ours}}
