"""A limit that namespaces used first come, first served, divided into shares that together never exceed it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slot:
    """Who gets a share: a namespace with what it uses, or room for one that comes later."""

    name: str
    used: int = 0


@dataclass(frozen=True, slots=True)
class Pool:
    """Slots and smaller pools that together get at most `most`."""

    most: int
    inside: tuple[Slot | Pool, ...]


def shares(pool: Pool) -> dict[str, int]:
    """The share of each slot: what it uses, and an equal part of what is left.

    Where more is used than there is, everybody gets the same fraction of what they use.
    """
    return _shares(pool, pool.most)


def _shares(pool: Pool, total: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for each, part in zip(pool.inside, _parts(total, pool.inside), strict=True):
        found |= {each.name: part} if isinstance(each, Slot) else _shares(each, part)
    return found


def _parts(total: int, wants: Sequence[Slot | Pool]) -> list[int]:
    most = [total if isinstance(want, Slot) else min(total, want.most) for want in wants]
    parts = [min(_used(want), limit) for want, limit in zip(wants, most, strict=True)]
    if sum(parts) > total:
        return _scaled(parts, total)
    free = total - sum(parts)
    while free and (growing := [index for index in range(len(wants)) if parts[index] < most[index]]):
        each = free // sum(_slots(wants[index]) for index in growing)
        for index in growing:
            more = min(max(each * _slots(wants[index]), 1), most[index] - parts[index], free)
            parts[index] += more
            free -= more
    return parts


def _scaled(parts: Sequence[int], total: int) -> list[int]:
    whole = sum(parts)
    scaled = [part * total // whole for part in parts]
    rest = total - sum(scaled)
    for index, part in enumerate(parts):
        if rest and scaled[index] < part:
            scaled[index] += 1
            rest -= 1
    return scaled


def _used(want: Slot | Pool) -> int:
    return want.used if isinstance(want, Slot) else sum(_used(each) for each in want.inside)


def _slots(want: Slot | Pool) -> int:
    return 1 if isinstance(want, Slot) else sum(_slots(each) for each in want.inside)
