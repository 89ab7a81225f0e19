"""The parts that are wanted of a cluster, what was seen of each, and who waits for that."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator

from drover.kube.queue import HIGH
from drover.members.desired import Part, PartState

_LATE_SECONDS = 0.05


class Parts:
    """Parts by key. Whoever is wanted is also found by the namespaces that it writes into."""

    def __init__(self) -> None:
        self._parts: dict[str, Part] = {}
        self._states: dict[str, PartState] = {}
        self._looked: set[str] = set()  # the parts that were looked at as they are now
        self._digests: dict[str, str] = {}
        self._priorities: dict[str, int] = {}  # of the change that a part was last wanted for
        self._in_namespace: dict[str, set[str]] = {}
        self._waiters: dict[str, list[asyncio.Future[None]]] = {}
        self._late = False

    def __contains__(self, key: str) -> bool:
        return key in self._parts

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def get(self, key: str) -> Part | None:
        """A part that is wanted."""
        return self._parts.get(key)

    def values(self) -> Iterable[Part]:
        """The parts."""
        return self._parts.values()

    def into(self, namespace: str) -> set[str]:
        """The keys of those that write into a namespace."""
        return self._in_namespace.get(namespace, set())

    # --- In ---------------------------------------------------------------------------------------------------------
    def done(self, part: Part) -> bool:
        """Whether exactly this part is wanted already and was dealt with."""
        return self._parts.get(part.key) == part and part.key in self._states

    def put(self, part: Part, priority: int) -> None:
        """Takes a part in place of the one before it."""
        key = part.key
        self._index(key, part)
        self._looked.discard(key)
        self._parts[key] = part
        self._digests[key] = part.digest()
        self._priorities[key] = priority

    def drop(self, key: str) -> None:
        """Forgets a part."""
        self._index(key, None)
        self._looked.discard(key)
        for known in (self._parts, self._states, self._digests, self._priorities):
            known.pop(key, None)
        for waiter in self._waiters.pop(key, ()):
            if not waiter.done():
                waiter.set_result(None)

    def saw(self, key: str, state: PartState) -> bool:
        """Takes what was seen of a part, and wakes who waits for it; whether others are to be told of something new."""
        changed = key not in self._looked or self._states[key] != state
        self._states[key] = state
        self._looked.add(key)
        waiters = [waiter for waiter in self._waiters.pop(key, []) if not waiter.done()]
        for waiter in waiters:
            waiter.set_result(None)
        return changed and not waiters  # who waits looks for itself

    def _index(self, key: str, new: Part | None) -> None:
        for name in _writes_into(self._parts.get(key)):
            keys = self._in_namespace[name]
            keys.discard(key)
            if not keys:
                del self._in_namespace[name]
        for name in _writes_into(new):
            self._in_namespace.setdefault(name, set()).add(key)

    # --- Out --------------------------------------------------------------------------------------------------------
    def state(self, key: str) -> PartState | None:
        """What was seen of a part; None before it was looked at as it is now, also where it was like this before."""
        return self._states[key] if key in self._looked else None

    def last(self, key: str) -> PartState | None:
        """What was seen of a part when it was last looked at, perhaps as it was before."""
        return self._states.get(key)

    def digest(self, key: str) -> str:
        """That of the part as it is wanted now."""
        return self._digests[key]

    def priority(self, key: str) -> int:
        """The priority of what follows for a part: that of the change that it was last wanted for."""
        return self._priorities.get(key, HIGH)

    async def settled(self, key: str, seconds: float) -> None:
        """Waits until a part was looked at as it is now, at most `seconds`; hardly at all while the cluster is late,
        so that who waits for it is there for others."""
        if self.state(key) is not None:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.setdefault(key, []).append(future)
        late = False
        try:
            async with asyncio.timeout(min(seconds, _LATE_SECONDS) if self._late else seconds):
                await future
        except TimeoutError:
            late = True
        self._late = late


def _writes_into(part: Part | None) -> set[str]:
    return set() if part is None else {wanted.manifest["metadata"]["namespace"] for wanted in part.objects}
