"""RoleTemplates that inherit themselves."""

from __future__ import annotations

from collections.abc import Callable, Collection


def cycle(name: str, parents: Callable[[str], Collection[str]]) -> tuple[str, ...]:
    """A shortest way from a RoleTemplate over its parents back to itself, as names with the first one also last;
    empty where there is none. Circles that the RoleTemplate is not part of are not its own."""
    before: dict[str, str] = {}
    level = [name]
    while level:
        following: list[str] = []
        for child in level:
            for parent in parents(child):
                if parent == name:
                    return tuple(reversed([name, *_way(child, name, before)]))
                if parent not in before:
                    before[parent] = child
                    following.append(parent)
        level = following
    return ()


def _way(last: str, first: str, before: dict[str, str]) -> list[str]:
    way = [last]
    while way[-1] != first:
        way.append(before[way[-1]])
    return way
