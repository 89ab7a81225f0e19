"""Keeps copies of a project's secrets in its namespaces."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable

from drover.api.keys import ORIGINAL
from drover.kube import metrics
from drover.kube.client import Client
from drover.kube.errors import (
    QUOTA_EXCEEDED,
    AlreadyExists,
    ApiError,
    Conflict,
    Forbidden,
    NotFound,
    ServerError,
    TooManyRequests,
    Unauthorized,
)
from drover.kube.gvr import SECRETS as GVR
from drover.kube.gvr import Key, Object, identity
from drover.members.caches import MemberCaches, project_id
from drover.members.desired import SECRETS, Part, SecretSource
from drover.members.keeper import Keeper
from drover.members.native import pruned_secret
from drover.rules import project_secrets, secret_copy
from drover.rules.objects import annotation, deleting, name_of
from drover.rules.ownership import owner_uid
from drover.rules.secret_copy import Content

_TRIES = 6

Contents = Callable[[SecretSource], Awaitable[Content | None]]
"""Gives what a Secret of the hub holds; None where it is gone or is another by now, of which another part tells."""


async def nothing(_source: SecretSource) -> Content | None:
    """Where there is no hub to ask."""
    return None


class SecretKeeper(Keeper):
    """Writes copies of the secrets of projects into one cluster. Values come from `contents` and are not kept."""

    topic = SECRETS

    def __init__(self, cluster: str, client: Client, caches: MemberCaches, contents: Contents) -> None:
        self._cluster = cluster
        self._client = client
        self._caches = caches
        self._contents = contents
        self._failures: dict[Key, int] = {}  # how often in a row the server has failed
        self._taken: set[Key] = set()  # names that were somebody else's when last looked at

    async def give(self, part: Part, namespace: Object) -> str:
        """Makes a namespace have the copies that the project gives it, and no others."""
        if part.secrets is None or owner_uid(namespace):  # a namespace made by Drover holds sources, not copies
            return ""
        name = name_of(namespace)
        kept = {source.name for source in part.secrets if source.ignores is None}
        wanted = {
            source.name: source
            for source in part.secrets
            if source.ignores is not None and project_secrets.goes_into(source.ignores, name)
        }
        for copy in self._copies(name):
            if name_of(copy) not in wanted.keys() | kept:
                await self._delete(copy)
        problems = {}
        for source in wanted.values():
            if project_id(self._caches.namespaces.get(Key("", name)) or namespace) != part.project:
                break  # it has moved meanwhile
            if problem := await self._one(part, source, name):
                problems[source.name] = problem
        return project_secrets.told(problems)

    async def clear(self, namespace: str) -> None:
        """Deletes the copies in a namespace."""
        for copy in self._copies(namespace):
            await self._delete(copy)

    def forget(self, namespace: str) -> None:
        """What is remembered of its secrets goes."""
        self._failures = {key: times for key, times in self._failures.items() if key.namespace != namespace}
        self._taken = {key for key in self._taken if key.namespace != namespace}

    def _copies(self, namespace: str) -> list[Object]:
        return [copy for copy in self._caches.secrets.by("namespace", namespace) if self._original(copy)]

    def _original(self, copy: Object) -> bool:
        """Whether a copy is where it was made: a copy of it, labels and all, is its author's."""
        metadata = copy["metadata"]
        return annotation(copy, ORIGINAL) == secret_copy.original(
            self._cluster, metadata["namespace"], metadata["name"]
        )

    async def _one(self, part: Part, source: SecretSource, namespace: str) -> str:
        """Makes one copy as it should be; why that was not possible."""
        if self._caches.secrets_denied:
            return project_secrets.FORBIDDEN
        content = await self._contents(source)
        if content is None:
            return ""  # another part comes
        key = Key(namespace, source.name)
        try:
            problem = await self._make(part, content, key)
        except (Conflict, NotFound, TooManyRequests, Unauthorized):
            raise  # it has changed meanwhile, or the cluster as a whole refuses
        except Forbidden as error:
            full = QUOTA_EXCEEDED in error.message
            return project_secrets.OVER_QUOTA if full else project_secrets.FORBIDDEN
        except ServerError:
            self._failures[key] = self._failures.get(key, 0) + 1
            if self._failures[key] <= _TRIES:
                raise
            return project_secrets.REFUSED  # such as a webhook that does not answer: the rest goes on without it
        except ApiError:
            return project_secrets.REFUSED
        self._failures.pop(key, None)
        return problem

    async def _make(self, part: Part, content: Content, key: Key) -> str:
        live = self._caches.secrets.get(key)
        marks = secret_copy.metadata(content, part.owner, self._cluster, key.namespace, key.name)
        if live is None and key not in self._taken:
            with contextlib.suppress(AlreadyExists):  # perhaps by us, in an earlier life
                return await self._create(part, content, marks)
        live = live or await self._unlabelled(key)
        self._taken.discard(key)
        if live is None:
            return await self._create(part, content, marks)
        if not self._original(live) and not project_secrets.adoptable(live, part.project.split(":", 1)[1]):
            self._taken.add(key)
            return project_secrets.NAME_TAKEN
        return await self._change(part, content, marks, live)

    async def _unlabelled(self, key: Key) -> Object | None:
        """A Secret that is not followed, because it lacks a label."""
        found = await self._client.find(GVR, key.name, key.namespace)
        return pruned_secret(found) if found is not None else None

    async def _create(self, part: Part, content: Content, marks: Object) -> str:
        answer = await self._client.create(GVR, secret_copy.manifest(content, marks), manager=part.manager)
        metrics.WRITES.labels(GVR.kind, "create").inc()
        self._caches.secrets.observe(answer)
        return ""

    async def _change(self, part: Part, content: Content, marks: Object, live: Object) -> str:
        if deleting(live):
            return ""  # its end will be heard of
        if secret_copy.must_be_made_anew(live, content):
            await self._delete(live)
            return await self._create(part, content, marks)
        patch = secret_copy.change(live, content, marks)
        if not patch:
            metrics.SUPPRESSED.labels(GVR.kind).inc()
            return ""
        patch["metadata"] = {**patch.get("metadata", {}), **identity(live)}
        answer = await self._client.merge(GVR, patch, manager=part.manager)
        metrics.WRITES.labels(GVR.kind, "change").inc()
        self._caches.secrets.observe(answer)
        return ""

    async def _delete(self, copy: Object) -> None:
        metadata = copy["metadata"]
        if deleting(copy):
            return
        answer: Object = {}
        with contextlib.suppress(NotFound):
            answer = await self._client.delete(GVR, metadata["name"], metadata["namespace"], uid=metadata["uid"])
            metrics.WRITES.labels(GVR.kind, "delete").inc()
        self._caches.secrets.deleted(copy, answer)
