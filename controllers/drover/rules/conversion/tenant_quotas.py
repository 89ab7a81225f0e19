"""A Tenant's `resourceQuotas` as the quota of a Project; what a Project cannot say stays a plain ResourceQuota.

With scope Tenant, a limit that namespaces used first come, first served is divided into shares. With scope Namespace,
each namespace has the whole amount, and the Project has room for as many namespaces as the Tenant may have.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from drover.kube.gvr import Object
from drover.rules.conversion.amounts import hard, lower, number, text, unit, units
from drover.rules.conversion.division import Pool, Slot, shares
from drover.rules.conversion.output import Quotas, named
from drover.rules.conversion.result import Remark, decide, lost, note
from drover.rules.conversion.tenants import Tenants
from drover.rules.conversion.texts import DIVIDED, nothing_left, overused, unknown_use, wrong_amounts
from drover.rules.objects import spec

_LATER: Final = " later"
"""The slot of a namespace that comes later; no namespace has a blank in its name."""

_NO_SERVICES: Final = {"nodePort": "services.nodeports", "loadBalancer": "services.loadbalancers"}


@dataclass
class TenantQuotas:
    """`plain` are ResourceQuotas with scopes, by namespace."""

    found: Tenants
    tenant: str
    room: int
    quotas: Quotas = field(default_factory=Quotas)
    plain: dict[str, list[Object]] = field(default_factory=lambda: defaultdict(list))
    remarks: list[Remark] = field(default_factory=list)

    def __post_init__(self) -> None:
        given = spec(self.found.objects[self.tenant], "resourceQuotas")
        self._names = self.found.members[self.tenant]
        self._shared = given.get("scope", "Tenant") != "Namespace"
        together: dict[str, str] = {}
        for index, item in enumerate(given.get("items") or []):
            amounts, wrong = hard(item.get("hard"))
            if wrong:
                self.remarks.append(decide(f"{self._about}.items[{index}].hard", wrong_amounts(wrong)))
            if item.get("scopes") or item.get("scopeSelector"):
                self._stay_plain(index, item, amounts)
            else:
                lower(together, amounts)
        for kind, key in _NO_SERVICES.items():
            if spec(self.found.objects[self.tenant], "serviceOptions", "allowedServices").get(kind) is False:
                together[key] = "0"
        self.quotas = self._divided(together, -1) if self._shared else self._each(together)
        if self._shared and any(number(value) for value in together.values()):
            self.remarks.append(decide(self._about, DIVIDED))
            self._tell_unknown(together)

    @property
    def _about(self) -> str:
        return f"Tenant {self.tenant}: spec.resourceQuotas"

    def _divided(self, amounts: Mapping[str, str], index: int) -> Quotas:
        default: dict[str, str] = {}
        own: dict[str, dict[str, str]] = {name: {} for name in self._names}
        for key, limit in sorted(amounts.items()):
            most = number(limit)
            one = unit(key, most)
            used = {name: self._used(name, index, key) for name in self._names}
            slots = [*(Slot(name, units(used[name], one, up=True)) for name in self._names), Slot(_LATER)]
            parts = shares(Pool(units(most, one), tuple(slots)))
            default[key] = text(key, parts[_LATER], one)
            for name in self._names:
                own[name][key] = text(key, parts[name], one)
            if most and sum(used.values()) > most:
                all_used = text(key, units(sum(used.values(), Decimal()), one, up=True), one)
                self.remarks.append(decide(self._about, overused(key, all_used, limit)))
            elif most and not parts[_LATER]:
                self.remarks.append(decide(self._about, nothing_left(key)))
        return Quotas(dict(amounts), default, own)

    def _each(self, amounts: Mapping[str, str]) -> Quotas:
        bound = spec(self.found.objects[self.tenant], "namespaceOptions").get("quota")
        many = max(bound if isinstance(bound, int) else len(self._names) + self.room, len(self._names))
        limit = {}
        for key, value in amounts.items():
            one = unit(key, number(value))
            limit[key] = text(key, units(number(value) * many, one, up=True), one)
        if amounts and not isinstance(bound, int):
            told = (
                f"each namespace has it, and there is no bound on namespaces: the Project has room for {many} of them;"
                " choose with --room, or raise resourceQuota.limit later"
            )
            self.remarks.append(note(self._about, told))
        return Quotas(limit, dict(amounts), {name: dict(amounts) for name in self._names})

    def _stay_plain(self, index: int, item: Mapping[str, Any], amounts: Mapping[str, str]) -> None:
        """Quotas of a Project have no scopes, so each namespace has a ResourceQuota that does."""
        divided = self._divided(amounts, index) if self._shared else self._each(amounts)
        scopes = {key: item[key] for key in ("scopes", "scopeSelector") if item.get(key)}
        for name in self._names:
            obj = named(
                "ResourceQuota", "v1", name, f"tenant-{self.tenant}-{index}", {"hard": divided.shares[name], **scopes}
            )
            self.plain[name].append(obj)
        told = (
            "has scopes, which a Project's quota has not: each of today's namespaces has a ResourceQuota of its own"
            f"{' with a share of it' if self._shared else ''}; new namespaces do not get it"
        )
        self.remarks.append(lost(f"{self._about}.items[{index}]", told))

    def _used(self, name: str, index: int, key: str) -> Decimal:
        return number(self.found.used.get((name, index), {}).get(key, "0"))

    def _tell_unknown(self, keys: Mapping[str, str]) -> None:
        unknown = [name for name in self._names if not self.found.used.get((name, -1), {}).keys() & keys.keys()]
        if unknown:
            self.remarks.append(note(self._about, unknown_use(unknown)))
