"""What a person calls a resource, as a kube-apiserver knows it: `deploy` is `deployments.apps`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from drover.kube.client import Client
from drover.kube.errors import ApiError
from drover.kube.gvr import Object

_VERSION = re.compile(r"^v\d+((alpha|beta)\d+)?(\.|$)")
_ALL = "*"


class UnknownResource(Exception):
    """A word does not name one resource; the message says what to write."""


@dataclass(frozen=True, slots=True)
class Resource:
    """`group` is empty for the core group; `subresource` is empty for the object itself."""

    plural: str
    group: str = ""
    subresource: str = ""

    def __str__(self) -> str:
        subresource = f"/{self.subresource}" if self.subresource else ""
        return f"{self.plural}{subresource}{f'.{self.group}' if self.group else ''}"


async def named(client: Client, text: str) -> Resource:
    """The resource that `pods`, `po`, `pods/log`, `deployments.apps` or `deployments.v1.apps` is; `*` is all of all
    groups. One whose group the hub does not have is taken as it is written: another cluster may have it."""
    word, _, subresource = text.partition("/")
    plural, dot, qualified = word.partition(".")
    group = _VERSION.sub("", qualified)
    if plural == _ALL:
        return Resource(_ALL, group if dot else _ALL, subresource)
    core = {"": await client.get_path("/api/v1")}
    if not dot and _found(core, word):
        return chosen(word, subresource, core)
    groups = (await client.get_path("/apis")).get("groups") or []
    asked = [each for each in groups if not dot or each["name"] == group]
    lists = dict(await asyncio.gather(*(_resources(client, each) for each in asked)))
    if not dot:
        return chosen(word, subresource, core | lists)
    served = lists if group else core
    return chosen(plural, subresource, served) if _found(served, plural) else Resource(plural, group, subresource)


def chosen(word: str, subresource: str, lists: Mapping[str, Object]) -> Resource:
    """The one resource that is called so in an APIResourceList of any of some groups."""
    found = _found(lists, word)
    if not found:
        near = get_close_matches(word.lower(), {name for each in lists.values() for name in _words(each)}, n=1)
        which = f"; did you mean {near[0]}?" if near else "."
        raise UnknownResource(
            f"there is no resource {word} in the hub{which} Of one that only another cluster has, write the group too: "
            f"{word}.example.com"
        )
    if len(found) > 1:
        raise UnknownResource(f"{word} is ambiguous; write {' or '.join(sorted(map(str, found)))}")
    (one,) = found
    known = _subresources(lists[one.group], one.plural)
    if subresource and subresource != _ALL and subresource not in known:
        has = f"it has {', '.join(known)}" if known else "it has none"
        raise UnknownResource(
            f"{one} has no subresource {subresource}: {has}; for the object of that name write {word} {subresource}"
        )
    return Resource(one.plural, one.group, subresource)


def _found(lists: Mapping[str, Object], word: str) -> list[Resource]:
    return [Resource(plural, group) for group, each in lists.items() if (plural := _plural(each, word))]


async def _resources(client: Client, group: Mapping[str, Any]) -> tuple[str, Object]:
    """What a group has in its preferred version; nothing where its server does not answer."""
    try:
        return group["name"], await client.get_path(f"/apis/{group['preferredVersion']['groupVersion']}")
    except ApiError:
        return group["name"], {}


def _plural(listed: Object, word: str) -> str:
    return next((each["name"] for each in _resources_of(listed) if word.lower() in _names(each)), "")


def _words(listed: Object) -> Iterator[str]:
    return (name for each in _resources_of(listed) for name in _names(each) if name)


def _names(each: Mapping[str, Any]) -> tuple[str, ...]:
    return (each["name"], each.get("singularName") or "", each.get("kind", "").lower(), *(each.get("shortNames") or ()))


def _resources_of(listed: Object) -> Iterator[Mapping[str, Any]]:
    resources: Iterable[Mapping[str, Any]] = listed.get("resources") or []
    return (each for each in resources if "/" not in each["name"])


def _subresources(listed: Object, plural: str) -> list[str]:
    names = (str(each["name"]).partition("/") for each in listed.get("resources") or [])
    return sorted(subresource for name, _, subresource in names if name == plural and subresource)
