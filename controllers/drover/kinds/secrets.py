"""The secrets of projects in the hub: followed by their label, with what they hold."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from drover.api.keys import OWNER_UID, PROJECT_SCOPED
from drover.kube.cache import Cache, Change, without_bookkeeping
from drover.kube.client import Client
from drover.kube.gvr import SECRETS, Key, Object
from drover.kube.watch import Reflector
from drover.members.desired import SecretSource
from drover.rules.objects import namespace_of, uid_of
from drover.rules.secret_copy import Content

log = logging.getLogger(__name__)

_METADATA = ("name", "namespace", "uid", "resourceVersion", "labels", "annotations", "deletionTimestamp")


class SecretSources:
    """Every Secret of the hub with the label of a project, wherever it lies, without the copies that Drover makes.

    `on_change` is told of changes, `on_access` that Secrets may be read, or not any more.
    """

    def __init__(self, client: Client) -> None:
        self.on_change: Callable[[Change], None] = lambda _change: None
        self.on_access: Callable[[], None] = lambda: None
        self.cache = Cache(SECRETS, prune=_pruned, indexes={"namespace": lambda secret: [namespace_of(secret)]})
        self._reflector = Reflector(
            client,
            self.cache,
            on_change=self._changed,
            label_selector=f"{PROJECT_SCOPED},!{OWNER_UID}",
            optional=True,
            on_access=self._accessed,
        )

    async def follow(self) -> None:
        """Follows them until cancelled."""
        await self._reflector.run()

    @property
    def synced(self) -> asyncio.Event:
        """Set when they are known, or known not to be readable."""
        return self._reflector.synced

    @property
    def denied(self) -> bool:
        """Whether they may not be read."""
        return self._reflector.denied

    def of(self, namespace: str) -> tuple[Object, ...] | None:
        """The Secrets with the label in a namespace (metadata and `content`); None while they are not known."""
        if self.denied or not self.synced.is_set():
            return None
        return tuple(self.cache.by("namespace", namespace))

    def content(self, source: SecretSource) -> Content | None:
        """What a Secret holds; None where it is gone, has changed since, or another has its name. What changed may say
        where the new value must not go, so that what was known before must not spread it."""
        found = self.cache.get(Key(source.namespace, source.name))
        if found is None or (uid_of(found), found["version"]) != (source.uid, source.version):
            return None
        content: Content = found["content"]
        return content

    def _changed(self, change: Change) -> None:
        self.on_change(change)

    def _accessed(self) -> None:
        if self.denied:
            log.warning("project-scoped secrets are off: Drover may not read Secrets in the hub")
        self.on_access()


def _pruned(secret: Object) -> Object:
    """What copies take from a Secret, and what identifies it. Its `version` makes a change of each new one, which the
    parts about it must name."""
    kept = {field: secret["metadata"][field] for field in _METADATA if secret["metadata"].get(field)}
    described = {name: secret.get(name) for name in ("apiVersion", "kind")}
    version = secret["metadata"].get("resourceVersion", "")
    return without_bookkeeping({**described, "metadata": kept, "version": version, "content": Content(secret)})
