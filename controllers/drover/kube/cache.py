"""Objects as the kube-apiserver last told them, pruned and indexed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from drover.kube.gvr import GVR, Key, Object, key_of

Prune = Callable[[Object], Object]
Index = Callable[[Object], Iterable[str]]

_REMEMBERED = 2000
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


class Change(NamedTuple):
    """What happened to an object: `old` is None for a new one, `new` for one that is gone."""

    key: Key
    old: Object | None
    new: Object | None


def without_bookkeeping(obj: Object) -> Object:
    """The object without managedFields and kubectl's copy of it; changes it in place."""
    metadata = obj["metadata"]
    metadata.pop("managedFields", None)
    annotations = metadata.get("annotations")
    if annotations and _LAST_APPLIED in annotations:
        del annotations[_LAST_APPLIED]
    return obj


def version_of(obj: Object) -> int:
    """The resourceVersion, a number since Kubernetes 1.35 promises that versions of a kind can be compared."""
    return int(obj["metadata"].get("resourceVersion") or 0)


class Cache:
    """The objects of one kind.

    `prune` makes what is kept of an object (it may change it in place); objects that come out equal, resourceVersion
    aside, are no change. `indexes` name functions that give the values under which `by` finds an object. Kept objects
    are shared: never change them.
    """

    def __init__(
        self, gvr: GVR, *, prune: Prune = without_bookkeeping, indexes: Mapping[str, Index] | None = None
    ) -> None:
        self.gvr = gvr
        self._prune = prune
        self._functions = dict(indexes or {})
        self._objects: dict[Key, Object] = {}
        self._indexes: dict[str, dict[str, dict[Key, Object]]] = {name: {} for name in self._functions}
        self._ended: dict[str, int] = {}  # by uid, the version at which an object was gone; the last ones
        self.listed = 0
        """The resourceVersion of the last whole list."""

    def get(self, key: Key) -> Object | None:
        """The object, or None."""
        return self._objects.get(key)

    def by(self, index: str, value: str) -> list[Object]:
        """The objects that an index has under a value."""
        return list(self._indexes[index].get(value, {}).values())

    def known(self) -> list[Key]:
        """Every key, as of now."""
        return list(self._objects)

    def __iter__(self) -> Iterator[Object]:
        return iter(list(self._objects.values()))

    def __len__(self) -> int:
        return len(self._objects)

    def observe(self, obj: Object) -> Change | None:
        """Takes an object from a watch or from the answer to a write; None when it is old news or shows nothing new.

        The answer to a write may come after the news that the object is gone: it does not bring it back. An object that
        was selected by its labels and comes back with them is newer than that.
        """
        if self._outlived(obj):
            return None
        key = key_of(obj)
        old = self._objects.get(key)
        if old is not None and version_of(obj) <= version_of(old):
            return None
        return self._put(key, old, obj)

    def forget(self, obj: Object) -> Change | None:
        """Takes a deletion; None when the object is unknown or the one in the cache is another or newer."""
        self._end(obj)
        key = key_of(obj)
        old = self._objects.get(key)
        if old is None:
            return None
        if old["metadata"].get("uid") != obj["metadata"].get("uid") and version_of(old) > version_of(obj):
            return None
        return self._remove(key, old)

    def deleted(self, obj: Object, answer: Object) -> Change | None:
        """Takes the answer to the deletion of an object: the object itself where a finalizer holds it still."""
        metadata = answer.get("metadata") or {}
        if metadata.get("uid") == obj["metadata"]["uid"] and metadata.get("deletionTimestamp"):
            return self.observe(answer)
        return self.forget(obj)

    def replace(self, objects: Iterable[Object], resource_version: str) -> list[Change]:
        """Takes a whole list as of `resource_version`: what it lacks is gone, unless it was written after the list.

        A list older than the one before it (etcd restored from a backup) is believed in everything.
        """
        listed = int(resource_version or 0)
        restored = listed < self.listed
        self.listed = listed
        seen: set[Key] = set()
        changes: list[Change | None] = []
        for obj in objects:
            key = key_of(obj)
            if self._outlived(obj) and not restored:
                continue  # it went while the list was made
            seen.add(key)
            old = self._objects.get(key)
            if old is None or version_of(obj) > version_of(old) or (restored and version_of(obj) != version_of(old)):
                changes.append(self._put(key, old, obj))
        return [change for change in changes if change is not None] + self.retain(seen, listed, restored=restored)

    def retain(self, seen: set[Key], listed: int, *, restored: bool = False) -> list[Change]:
        """Removes what a list as of `listed` lacks."""
        gone = [
            (key, old)
            for key, old in self._objects.items()
            if key not in seen and (restored or version_of(old) <= listed)
        ]
        changes = [self._remove(key, old, listed) for key, old in gone]
        if restored:
            self._ended.clear()  # what is not served for a while comes back as it was
        return changes

    def _put(self, key: Key, old: Object | None, obj: Object) -> Change | None:
        new = self._prune(obj)
        self._objects[key] = new
        if old is not None:
            self._unindex(key, old)
        for name, function in self._functions.items():
            for value in function(new):
                self._indexes[name].setdefault(value, {})[key] = new
        if old is not None and same(old, new):
            return None
        return Change(key, old, new)

    def _outlived(self, obj: Object) -> bool:
        """Whether the object as it is here was gone later."""
        return version_of(obj) <= self._ended.get(obj["metadata"].get("uid", ""), -1)

    def _end(self, obj: Object, version: int = 0) -> None:
        if uid := obj["metadata"].get("uid"):
            self._ended[uid] = max(version, version_of(obj), self._ended.get(uid, -1))
        if len(self._ended) > _REMEMBERED:
            del self._ended[next(iter(self._ended))]

    def _remove(self, key: Key, old: Object, version: int = 0) -> Change:
        self._end(old, version)
        del self._objects[key]
        self._unindex(key, old)
        return Change(key, old, None)

    def _unindex(self, key: Key, old: Object) -> None:
        for name, function in self._functions.items():
            for value in function(old):
                entries = self._indexes[name].get(value)
                if entries is not None and entries.pop(key, None) is not None and not entries:
                    del self._indexes[name][value]


def same(old: Object, new: Object) -> bool:
    """Whether two objects are equal but for the resourceVersion."""
    if old.keys() != new.keys():
        return False
    if any(old[field] != new[field] for field in old if field != "metadata"):
        return False
    before, after = old["metadata"], new["metadata"]
    return before.keys() == after.keys() and all(
        before[name] == after[name] for name in before if name != "resourceVersion"
    )
