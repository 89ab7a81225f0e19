"""The second check of a spec, for when admission was removed or the object is older than the schema."""

from __future__ import annotations

from typing import Any

from drover.kube.gvr import Object
from drover.rules.objects import uid_of


class Parsed:
    """What is wrong with the specs of one kind, by the model of its spec, or of the kind itself where it has none. A
    spec is looked at once a generation."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._known: dict[str, tuple[int, str]] = {}

    def problem(self, obj: Object) -> str:
        """The first error, with its path; empty for a valid spec."""
        from drover.api.parsing import InvalidSpec, check

        uid, generation = uid_of(obj), obj["metadata"]["generation"]
        known = self._known.get(uid)
        if known is not None and known[0] == generation:
            return known[1]
        problem = ""
        try:
            check(self._model(), obj)
        except InvalidSpec as error:
            problem = str(error)
        self._known[uid] = (generation, problem)
        return problem

    def forget(self, obj: Object) -> None:
        """The object is gone."""
        self._known.pop(uid_of(obj), None)
