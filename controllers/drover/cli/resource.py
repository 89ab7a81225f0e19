"""What a person calls a resource, as a kube-apiserver knows it: `deploy` is `deployments.apps`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from drover.kube.client import Client
from drover.kube.errors import ApiError
from drover.kube.gvr import Object


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
    """The resource that `pods`, `po`, `pods/log` or `deployments.apps` is. What has its group with it is not looked up,
    so that it may be one that only another cluster has."""
    word, _, subresource = text.partition("/")
    plural, dot, group = word.partition(".")
    if dot:
        return Resource(plural, group, subresource)
    core = await client.get_path("/api/v1")
    if found := _plural(core, word):
        return Resource(found, "", subresource)
    listed = await client.get_path("/apis")
    lists = await asyncio.gather(*(_resources(client, group) for group in listed.get("groups") or []))
    return chosen(word, subresource, dict(lists))


def chosen(word: str, subresource: str, lists: Mapping[str, Object]) -> Resource:
    """The one resource that is called so in an APIResourceList of any of some groups."""
    found = [Resource(plural, group, subresource) for group, each in lists.items() if (plural := _plural(each, word))]
    if len(found) == 1:
        return found[0]
    if not found:
        raise UnknownResource(
            f"there is no resource {word} in the hub; write its group too, such as {word}.example.com"
        )
    raise UnknownResource(f"{word} is ambiguous; write {' or '.join(sorted(map(str, found)))}")


async def _resources(client: Client, group: Mapping[str, Any]) -> tuple[str, Object]:
    """What a group has in its preferred version; nothing where its server does not answer."""
    try:
        return group["name"], await client.get_path(f"/apis/{group['preferredVersion']['groupVersion']}")
    except ApiError:
        return group["name"], {}


def _plural(listed: Object, word: str) -> str:
    resources: Iterable[Mapping[str, Any]] = listed.get("resources") or []
    for each in resources:
        words = (each["name"], each.get("singularName"), each.get("kind", "").lower(), *(each.get("shortNames") or ()))
        if word.lower() in words and "/" not in each["name"]:
            return str(each["name"])
    return ""
