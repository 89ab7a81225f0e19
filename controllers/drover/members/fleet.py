"""The members by name, each with its task."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from drover.kube.cache import Change
from drover.members.member import Claimed, Connect, Member
from drover.members.secrets import Contents, nothing


class Fleet:
    """Every cluster that Drover has a connection to, or tries to have.

    `on_attached(cluster)` is told of a new member, which knows nothing yet; `on_cluster(cluster)` and
    `on_part(cluster, key)` of changes, also that there is no connection any more; `on_local_namespace` of changes to
    namespaces of the hub. `contents` gives what the hub's Secrets hold, `exists` whether it has a
    `<cluster>:<project>`.
    """

    def __init__(
        self,
        *,
        on_cluster: Callable[[str], None],
        on_part: Callable[[str, str], None],
        on_local_namespace: Callable[[Change], None],
        on_attached: Callable[[str], None] = lambda _cluster: None,
        contents: Contents = nothing,
        exists: Callable[[str], bool] = lambda _project: False,
    ) -> None:
        self.may_write = asyncio.Event()
        self._on_attached = on_attached
        self._on_cluster = on_cluster
        self._on_part = on_part
        self._on_local_namespace = on_local_namespace
        self._contents = contents
        self._exists = exists
        self._members: dict[str, Member] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def __iter__(self) -> Iterator[Member]:
        return iter(list(self._members.values()))

    def get(self, cluster: str) -> Member | None:
        """The member of that name."""
        return self._members.get(cluster)

    def attach(
        self,
        cluster: str,
        connect: Connect,
        *,
        reference: str = "",
        expected_uid: str = "",
        claimed: Claimed = lambda _uid: "",
        local: bool = False,
    ) -> Member:
        """Connects to a cluster and keeps the connection; gives the member there is already.

        `reference` names what the connection is made from, so that a change of it can be seen.
        """
        member = self._members.get(cluster)
        if member is None:
            member = Member(
                cluster,
                connect,
                reference=reference,
                may_write=self.may_write,
                expected_uid=expected_uid,
                claimed=claimed,
                on_cluster=self._on_cluster,
                on_part=self._on_part,
                on_namespace=self._on_local_namespace if local else lambda _change: None,
                contents=self._contents,
                exists=self._exists,
                local=local,
            )
            self._members[cluster] = member
            self._tasks[cluster] = asyncio.create_task(member.run(), name=f"member-{cluster}")
            self._on_attached(cluster)
        return member

    async def detach(self, cluster: str) -> None:
        """Ends the connection to a cluster and forgets it."""
        task = self.release(cluster)
        if task is not None:
            await asyncio.wait({task})  # to await it would take a cancellation of ours for its own

    def release(self, cluster: str) -> asyncio.Task[None] | None:
        """The same without waiting for the end; gives the task that comes to it."""
        member = self._members.pop(cluster, None)
        task = self._tasks.pop(cluster, None)
        if task is not None:
            task.cancel()
        for key in list(member.parts) if member is not None else ():
            self._on_part(cluster, key)
        return task

    async def close(self) -> None:
        """Ends every connection."""
        for cluster in list(self._tasks):
            await self.detach(cluster)
