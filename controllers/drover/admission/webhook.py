"""The webhook as a whole: it listens, judges, and keeps its certificate."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from drover.admission.authorizer import Authorizer
from drover.admission.bundle import Lives
from drover.admission.checks import checks
from drover.admission.escalation import Ceiling
from drover.admission.keeper import Keeper, Keeping
from drover.admission.looks import Looks
from drover.admission.server import Server
from drover.kube.client import Client

SERVICE: Final = "drover-webhook"
"""The Service by which kube-apiservers reach it."""

_OVERLAP = timedelta(minutes=10)
_EVERY = 10.0


@dataclass(frozen=True, slots=True)
class Options:
    """Where it listens, and the namespace of its Service and its certificate, which is valid for `days`. `foreign`:
    somebody else, such as cert-manager, makes the certificate."""

    host: str
    port: int
    namespace: str
    days: float = 90.0
    foreign: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """What kube-apiservers call it."""
        service = f"{SERVICE}.{self.namespace}.svc"
        try:
            address = ipaddress.ip_address(self.host)
        except ValueError:
            return (service, self.host)
        return (service,) if address.is_unspecified else (service, str(address))

    @property
    def lives(self) -> Lives:
        """How long its certificates are valid."""
        serving = timedelta(days=self.days)
        return Lives(ca=serving * 8, serving=serving, overlap=min(_OVERLAP, serving / 10))


class Webhook:
    """Answers from the start; it allows nothing while there is a `problem`."""

    def __init__(
        self,
        client: Client,
        looks: Looks,
        options: Options,
        *,
        problem: Callable[[], str],
        leading: Callable[[], bool],
        now: Callable[[], datetime],
    ) -> None:
        self._options = options
        self._server = Server(checks(looks, Ceiling(Authorizer(client))), problem=problem)
        every = min(_EVERY, options.lives.overlap.total_seconds() / 3)
        keeping = Keeping(options.namespace, options.names, options.lives, every, options.foreign)
        self._keeper = Keeper(client, self._server, keeping, leading=leading, now=now)

    @property
    def problem(self) -> str:
        """Why nobody gets through; empty when kube-apiservers do."""
        return self._keeper.problem

    async def run(self) -> None:
        """Serves until cancelled."""
        await self._server.start(self._options.host, self._options.port)
        try:
            await self._keeper.run()
        finally:
            await asyncio.shield(self._server.close())
