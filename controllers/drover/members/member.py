"""One member cluster: its connection, kept or tried again, and the loop that runs while there is one."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from drover.kube import metrics
from drover.kube.cache import Change
from drover.kube.client import Client
from drover.kube.errors import ApiError, Forbidden, NotFound, Unreachable
from drover.kube.gvr import NAMESPACES, well_formed
from drover.kube.queue import HIGH
from drover.kube.tasks import ended
from drover.members.desired import MemberState, Part, PartState
from drover.members.loop import MemberLoop
from drover.members.reach import why_lost
from drover.members.secrets import Contents, nothing

log = logging.getLogger(__name__)

HEALTHY_SECONDS = 20.0
"""Between two probes of a cluster that answers."""

LONGEST_PAUSE = 60.0
"""Between two probes of one that does not."""

_LONGEST_LOCAL_PAUSE = 2.0
_FAILURES_UNTIL_LOST = 2
_PROBE_SECONDS = 10.0
_CREDENTIAL_SECONDS = 60.0
_ANOTHER_CLUSTER = "ClusterReplaced"


class NoAccess(Exception):
    """There is no way to reach the cluster; `reason` and the message say what is missing. `terminal`: only a person
    can give it."""

    def __init__(self, reason: str, message: str, *, terminal: bool = False) -> None:
        super().__init__(message)
        self.reason = reason
        self.terminal = terminal


@dataclass(frozen=True, slots=True)
class Connection:
    """A client for a cluster, and what changes when another has to be made."""

    client: Client
    version: str
    server: str
    ca: str


Claimed = Callable[[str], str]
"""Gives the name of the other Cluster that the cluster with this kube-system uid is imported as already; empty for
none."""

Connect = Callable[[str], Awaitable[Connection]]
"""Gives the connection; called with the version of the current one (empty: none), which it may give back by raising
`Unchanged`."""


class Unchanged(Exception):
    """The connection at hand is still the right one."""


class Member:
    """A cluster that Drover keeps as it should be.

    `expected_uid` is that of the kube-system namespace it had before (empty: not known); a cluster with another one
    is never written to.
    """

    def __init__(
        self,
        cluster: str,
        connect: Connect,
        *,
        reference: str,
        may_write: asyncio.Event,
        expected_uid: str,
        claimed: Claimed = lambda _uid: "",
        on_cluster: Callable[[str], None],
        on_part: Callable[[str, str], None],
        on_namespace: Callable[[Change], None] = lambda _change: None,
        contents: Contents = nothing,
        exists: Callable[[str], bool] = lambda _project: False,
        local: bool = False,
    ) -> None:
        self.cluster = cluster
        self.reference = reference
        self._local = local
        self.state = MemberState()
        self.expected_uid = expected_uid
        self._claimed = claimed
        self.loop: MemberLoop | None = None
        self.parts: dict[str, Part] = {}
        self.complete = self.rights_complete = False
        self._connect = connect
        self._may_write = may_write
        self._on_cluster = on_cluster
        self._on_part = on_part
        self._on_namespace = on_namespace
        self._contents = contents
        self._exists = exists
        self._poked = asyncio.Event()
        self._connection: Connection | None = None
        self._user = ""
        self._checked = 0.0
        self._running: asyncio.Task[None] | None = None

    # --- What is wanted of it ---------------------------------------------------------------------------------------
    def want(self, part: Part, priority: int) -> bool:
        """Takes a part; False when it is known and was dealt with."""
        self.parts[part.key] = part
        return self.loop.want(part, priority) if self.loop is not None else True

    def drop(self, key: str) -> None:
        """Forgets a part as the loop does."""
        self.parts.pop(key, None)
        if self.loop is not None:
            self.loop.drop(key)

    def know_all(self) -> None:
        """Every part is known."""
        self.complete = True
        if self.loop is not None:
            self.loop.know_all()

    def know_all_rights(self) -> None:
        """Every part about rights is known."""
        self.rights_complete = True
        if self.loop is not None:
            self.loop.rights.know_all()

    @property
    def rights_left(self) -> bool | None:
        """Whether anything that gives rights is or may be left in the cluster; None where it may not be read."""
        if self.loop is None or not (self.rights_complete and self.loop.caches.synced):
            return True
        return self.loop.rights.left

    def part_state(self, key: str) -> PartState | None:
        """What was seen of a part as it is now; None before, and while the cluster does not answer."""
        return self.loop.parts.state(key) if self.loop is not None and self.state.connected else None

    def last_state(self, key: str) -> PartState | None:
        """What was seen of a part when it was last looked at; None before, and while the cluster does not answer."""
        return self.loop.parts.last(key) if self.loop is not None and self.state.connected else None

    def priority(self, key: str) -> int:
        """The priority of what follows for a part."""
        return self.loop.parts.priority(key) if self.loop is not None else HIGH

    async def settled(self, key: str, seconds: float) -> None:
        """Waits until a part was looked at, at most `seconds`; not at all without a connection."""
        if self.loop is not None and self.state.connected:
            await self.loop.parts.settled(key, seconds)

    def poke(self) -> None:
        """Looks at the connection now: something about it has changed."""
        self._checked = 0.0
        self._poked.set()

    # --- Its life ---------------------------------------------------------------------------------------------------
    async def run(self) -> None:
        """Keeps the connection until cancelled."""
        failures = 0
        try:
            while True:
                try:
                    failures = await self._probe(failures)
                except Exception as error:
                    log.exception("probe of cluster %s", self.cluster)
                    failures += 1
                    await self._lose("Disconnected", f"the look at it failed ({type(error).__name__}); see the log")
                longest = _LONGEST_LOCAL_PAUSE if self._local else LONGEST_PAUSE
                pause = HEALTHY_SECONDS if not failures else min(2.0 ** (failures - 1), longest)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._poked.wait()
                self._poked.clear()
        finally:
            await self._pause()
            if self._connection is not None:
                await self._connection.client.close()
            for gauge in (metrics.CONNECTED, metrics.STALE):
                with contextlib.suppress(KeyError):
                    gauge.remove(self.cluster)

    async def _probe(self, failures: int) -> int:
        """One look at the cluster; the number of failures in a row after it."""
        try:
            async with asyncio.timeout(_PROBE_SECONDS):
                connection = await self._current_connection(failures)
                state = await self._look(connection)
        except NoAccess as error:
            await self._lose(error.reason, str(error), terminal=error.terminal)
            return failures + 1
        except (ApiError, Unreachable, TimeoutError) as error:
            self._checked = 0.0  # the credential may be what is wrong
            if failures + 1 >= _FAILURES_UNTIL_LOST or self.state.connected is not True:
                await self._lose(*why_lost(error, self.cluster))
            return failures + 1
        self._set(state)
        self._resume()
        return 0

    async def _current_connection(self, failures: int) -> Connection:
        """The connection at hand, or a new one where the credential has changed."""
        now = asyncio.get_running_loop().time()
        known = self._connection
        if known is not None and not failures and self._checked and now - self._checked < _CREDENTIAL_SECONDS:
            return known
        try:
            connection = await self._connect(known.version if known is not None else "")
        except Unchanged as unchanged:
            self._checked = now
            if known is None:
                raise Unreachable("there is no connection yet") from unchanged
            return known
        await self._pause()
        if known is not None:
            await known.client.close()
        self._connection, self._checked, self._user = connection, now, ""
        self.loop = MemberLoop(
            self.cluster,
            connection.client,
            may_write=self._may_write,
            on_part=lambda key: self._on_part(self.cluster, key),
            on_cluster=self._nodes_changed,
            on_namespace=self._on_namespace,
            on_error=self._poked.set,
            contents=self._contents,
            exists=self._exists,
            guarded=not self._local,
        )
        self.loop.rights.on_cleared = lambda: self._on_cluster(self.cluster)
        for part in self.parts.values():
            self.loop.want(part)
        if self.complete:
            self.loop.know_all()
        if self.rights_complete:
            self.loop.rights.know_all()
        return connection

    async def _look(self, connection: Connection) -> MemberState:
        client = connection.client
        version = await client.get_path("/version")
        system = await client.get(NAMESPACES, "kube-system")
        if not await client.healthy():
            raise Unreachable(f"{client.login.server} is not ready")
        if not well_formed(system):
            raise NotFound(404, "NotFound", "kube-system is no namespace")
        uid = system["metadata"]["uid"]
        if self.expected_uid not in ("", uid):
            raise NoAccess(
                _ANOTHER_CLUSTER,
                f"another cluster answers at its address (kube-system has uid {uid}, not {self.expected_uid}); "
                f"point the kubeconfig at the right one, or delete this Cluster and import the new one",
                terminal=True,
            )
        if other := self._claimed(uid):
            raise NoAccess(
                "AlreadyImported",
                f"this cluster is imported already, as Cluster {other}; delete one of the two",
                terminal=True,
            )
        self.expected_uid = uid
        if not self._user and not self._local:
            self._user = await _user(client)
        wanted = ("major", "minor", "gitVersion", "gitCommit", "gitTreeState", "goVersion", "compiler")
        return MemberState(
            connected=True,
            reason="Connected",
            message="",
            uid=uid,
            user=self._user,
            server=connection.server,
            ca=base64.b64encode(connection.ca.encode()).decode(),
            version={name: str(version[name]) for name in wanted if version.get(name)},
            nodes=self._nodes(),
            synced=self.loop is not None and self.loop.caches.synced,
        )

    def _nodes(self) -> dict[str, object]:
        return self.loop.node_totals() if self.loop is not None and self.loop.caches.synced else {}

    def _nodes_changed(self) -> None:
        if self.state.connected and self.loop is not None and self.loop.caches.synced:
            self._set(replace(self.state, nodes=self._nodes(), synced=True))

    async def _lose(self, reason: str, message: str, *, terminal: bool = False) -> None:
        await self._pause()
        # That the hub itself is away can only be told when it is back, and is not so then.
        connected = None if self._local else False
        self._set(replace(self.state, connected=connected, reason=reason, message=message, terminal=terminal))

    def _set(self, state: MemberState) -> None:
        metrics.CONNECTED.labels(self.cluster).set(1 if state.connected else 0)
        if state == self.state:
            return
        was = self.state.connected
        self.state = state
        if was != state.connected:
            log.info(
                "cluster %s",
                "answers" if state.connected else "does not answer",
                extra={"cluster": self.cluster, "why": state.message},
            )
            for key in list(self.parts):  # who is told may drop its part
                self._on_part(self.cluster, key)
        self._on_cluster(self.cluster)

    def _resume(self) -> None:
        if self.loop is not None and (self._running is None or self._running.done()):
            self._running = asyncio.create_task(self.loop.run())
            self._running.add_done_callback(_log_failure)
            asyncio.create_task(self._when_synced(self.loop, self._running)).add_done_callback(_log_failure)

    async def _when_synced(self, loop: MemberLoop, running: asyncio.Task[None]) -> None:
        synced = asyncio.create_task(loop.caches.wait_synced())
        await asyncio.wait({synced, running}, return_when=asyncio.FIRST_COMPLETED)
        synced.cancel()
        if loop is self.loop:
            self._nodes_changed()

    async def _pause(self) -> None:
        """Ends the loop's tasks; its caches stay, and the next run goes on from them."""
        if self._running is not None:
            await ended(self._running)
            self._running = None


async def _user(client: Client) -> str:
    """The name that the credential has in the cluster; empty where it does not say."""
    try:
        return await client.user()
    except (Forbidden, NotFound):
        return ""


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("a member's loop ended", exc_info=task.exception())
