"""HierarchicalResourceQuotas as quotas of Projects.

HNC lets the namespaces of a subtree use a limit first come, first served; a Project gives each namespace a share. So a
limit is divided. No limit is lost: a Project starts wherever a key is limited that was not limited above, and Projects
under one limit divide it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from drover.rules.conversion.amounts import number, text, unit, units
from drover.rules.conversion.division import Pool, Slot, shares
from drover.rules.conversion.forest import Forest
from drover.rules.conversion.output import Quotas
from drover.rules.conversion.result import Remark, decide, few, lost, note
from drover.rules.conversion.texts import DIVIDED, nothing_left, overused, unknown_use

Caps = Mapping[str, Mapping[str, str]]
"""What the HierarchicalResourceQuotas of a namespace limit, by namespace and key."""

Count = Callable[[str, bool], int]
"""An amount in units, rounded up or down."""


def starts(forest: Forest, caps: Caps, wanted: Iterable[str], level: int) -> set[str]:
    """The namespaces with which a Project starts: roots, those that are asked for, those at a depth of up to `level`,
    and those with a limit that nothing above has."""
    found = set(forest.roots()) | set(wanted)
    for name in forest.parents:
        above = forest.ancestry(name)[1:]
        limited = {key for ancestor in above for key in caps.get(ancestor, ())}
        if len(above) <= level or caps.get(name, {}).keys() - limited:
            found.add(name)
    return found


@dataclass
class TreeQuotas:
    """The quotas of Projects in one forest; `used` is what namespaces use, as far as it is known."""

    forest: Forest
    starts: set[str]
    caps: Caps
    members: Mapping[str, list[str]]
    used: Mapping[str, Mapping[str, str]]
    remarks: list[Remark] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._counted = {name for names in self.members.values() for name in names}
        self._limit: dict[str, dict[str, str]] = defaultdict(dict)
        self._default: dict[str, dict[str, str]] = defaultdict(dict)
        self._shares: dict[str, dict[str, str]] = defaultdict(dict)
        for holder in sorted(self.caps):
            keys = [key for key in self.caps[holder] if self._is_topmost(holder, key)]
            for key in keys:
                self._divide(holder, key)
            if keys:
                self._tell(holder, keys)
            if nested := sorted(self.caps[holder].keys() - keys):
                told = (
                    f"limits {few(nested)} within a wider limit. The shares below it together keep to it now, but"
                    " nothing holds them there when you change them: Projects are not nested"
                )
                self.remarks.append(lost(f"HierarchicalResourceQuota in {holder}", told))

    def of(self, start: str) -> Quotas:
        """The quotas of the Project that starts there."""
        own = {name: self._shares[name] for name in self.members[start]}
        return Quotas(self._limit[start], self._default[start], own)

    def _is_topmost(self, holder: str, key: str) -> bool:
        return not any(key in self.caps.get(above, ()) for above in self.forest.ancestry(holder)[1:])

    def _divide(self, holder: str, key: str) -> None:
        most = number(self.caps[holder][key])
        one = unit(key, most)
        inside = self._pool(holder, key, lambda amount, up: units(number(amount), one, up=up))
        found = shares(Pool(units(most, one), tuple(inside)))
        projects = self._projects(holder)
        for start in projects:
            spare = found[_spare(start)]
            total = spare + sum(found[name] for name in self.members[start])
            self._default[start][key] = text(key, spare, one)
            alone = len(projects) == 1
            self._limit[start][key] = self.caps[holder][key] if alone else text(key, total, one)
            for name in self.members[start]:
                self._shares[name][key] = text(key, found[name], one)
        used = (number(self.used.get(name, {}).get(key, "0")) for name in self._counted_below(holder))
        wanted = sum(used, Decimal())
        about = f"HierarchicalResourceQuota in {holder}"
        if wanted > most:
            told = overused(key, text(key, units(wanted, one, up=True), one), self.caps[holder][key])
            self.remarks.append(decide(about, told))
        elif most and any(not found[_spare(start)] for start in projects):
            self.remarks.append(decide(about, nothing_left(key)))

    def _pool(self, name: str, key: str, count: Count) -> list[Slot | Pool]:
        inside: list[Slot | Pool] = []
        if name in self._counted:
            inside.append(Slot(name, count(self.used.get(name, {}).get(key, "0"), True)))
        for child in self.forest.children.get(name, ()):
            inside.extend(self._pool(child, key, count))
        if name in self.starts:
            inside.append(Slot(_spare(name)))
        if key not in self.caps.get(name, ()):
            return inside
        return [Pool(count(self.caps[name][key], False), tuple(inside))]

    def _projects(self, holder: str) -> list[str]:
        return [name for name in self.forest.subtree(holder) if name in self.starts]

    def _counted_below(self, holder: str) -> list[str]:
        return [name for name in self.forest.subtree(holder) if name in self._counted]

    def _tell(self, holder: str, keys: list[str]) -> None:
        about, projects = f"HierarchicalResourceQuota in {holder} ({few(sorted(keys))})", self._projects(holder)
        self.remarks.append(decide(about, DIVIDED))
        if len(projects) > 1:
            told = (
                f"one limit over {len(projects)} Projects ({few(projects)}): it is divided among them, and nothing"
                " moves from one to the other by itself"
            )
            self.remarks.append(lost(about, told))
        unknown = [name for name in self._counted_below(holder) if not set(keys) & self.used.get(name, {}).keys()]
        if unknown:
            self.remarks.append(note(about, unknown_use(unknown)))


def _spare(start: str) -> str:
    """The name of the share that is left for a new namespace of a Project; no namespace has a blank in its name."""
    return f"{start} later"
