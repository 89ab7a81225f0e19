"""Objects that have the names of what Drover makes in namespaces."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Final

from drover.api.keys import DEFAULT_QUOTA
from drover.rules.conversion.inputs import Inputs
from drover.rules.conversion.result import Remark, decide
from drover.rules.objects import label, name_of, namespace_of

_OURS: Final = {"ResourceQuota": "default-quota", "LimitRange": "default-limits"}


def taken_names(inputs: Inputs, names: AbstractSet[str]) -> Iterator[Remark]:
    """A remark on each such object in the namespaces."""
    for kind, name in _OURS.items():
        for obj in inputs.of(kind):
            if name_of(obj) == name and namespace_of(obj) in names and label(obj, DEFAULT_QUOTA) != "true":
                text = (
                    "has the name of the one that Drover makes, and Drover leaves what is not its own alone; rename it,"
                    f" or hand it over with the label {DEFAULT_QUOTA}=true"
                )
                yield decide(f"{kind} {namespace_of(obj)}/{name}", text)
