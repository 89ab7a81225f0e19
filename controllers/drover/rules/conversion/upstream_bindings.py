"""Bindings of an upstream server: whom, which role, where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from drover.api.keys import CREATOR_BINDING, GLOBAL_BINDING_OWNER, MANAGEMENT
from drover.kube.gvr import Object
from drover.rules.conversion.inputs import Inputs
from drover.rules.conversion.result import Document, Remark, decide, few, note
from drover.rules.conversion.upstream_fields import (
    GROUP_SUBJECT,
    USER_SUBJECT,
    bare,
    generated_name,
    text,
    titled,
    unknown,
)
from drover.rules.conversion.upstream_roles import Roles
from drover.rules.conversion.upstream_users import Users
from drover.rules.names import backing_namespace
from drover.rules.objects import annotation, label, name_of, namespace_of
from drover.rules.rbac.subjects import LOCAL

_CLUSTER: Final = "ClusterRoleTemplateBinding"
_PROJECT: Final = "ProjectRoleTemplateBinding"
_KINDS: Final = ("GlobalRoleBinding", _CLUSTER, _PROJECT)
_PREFIX: Final = {"GlobalRoleBinding": "grb", _CLUSTER: "crtb", _PROJECT: "prtb"}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a binding holds: `id` is a cluster or `<cluster>:<project>`, empty for all clusters."""

    cluster: str = ""
    project: str = ""

    @property
    def id(self) -> str:
        return f"{self.cluster}:{self.project}" if self.project else self.cluster

    @property
    def fields(self) -> dict[str, str]:
        if self.project:
            return {"projectName": self.id}
        return {"clusterName": self.cluster} if self.cluster else {}

    @property
    def namespace(self) -> str:
        return backing_namespace(self.cluster, self.project) if self.project else self.cluster


class Bindings:
    """All bindings of the input, those that are written as `documents`. `clusters` are new names of clusters."""

    def __init__(self, inputs: Inputs, users: Users, roles: Roles, clusters: Mapping[str, str]) -> None:
        self.documents: list[Document] = []
        self.clusters: set[str] = set()
        self.projects: set[str] = set()
        self._users, self._roles, self._renamed = users, roles, clusters
        self._told: list[Remark] = []
        self._names: dict[str, list[str]] = defaultdict(list)
        self._notes: dict[str, list[str]] = defaultdict(list)
        self._first: dict[tuple[str, ...], str] = {}
        for kind in _KINDS:
            written = [made for obj in sorted(inputs.of(kind, MANAGEMENT), key=_age) if (made := self._one(obj))]
            written.sort(key=lambda made: (namespace_of(made), name_of(made)))
            self.documents += [Document(made) for made in written]

    @property
    def remarks(self) -> list[Remark]:
        """What a person should know, about single bindings and about what many of them name."""
        missing = [
            decide(about, f"not in the input: nothing comes of {few(names)} until it is there")
            for about, names in self._names.items()
        ]
        notes = [note(few(names), told) for told, names in self._notes.items()]
        return [*self._told, *missing, *notes]

    def _one(self, obj: Object) -> Object | None:
        """A binding as it is written; None where it is left out."""
        if label(obj, GLOBAL_BINDING_OWNER):
            self._note(obj, "made from a GlobalRoleBinding, as happens here without them; left out")
            return None
        if self._of_system(obj):
            return None
        if account := text(obj, "serviceAccount"):
            told = (
                f"upstream gives the ServiceAccount {account} nothing for it, and here it would have the role; left"
                " out: write a binding with serviceAccount if that is what you want"
            )
            self._told.append(decide(f"{titled(obj)}: serviceAccount", told))
            return None
        place, subject = self._place(obj), self._subject(obj)
        for wrong in (place, subject):
            if isinstance(wrong, Remark):
                self._told.append(wrong)
        if isinstance(place, Remark) or isinstance(subject, Remark):
            return None
        role = self._role(obj)
        same = (obj["kind"], *sorted(subject.values()), role, place.id)
        if same in self._first:
            self._note(obj, f"says the same as {self._first[same]}, which is older; left out")
            return None
        self._first[same] = titled(obj)
        self.clusters |= {place.cluster} if place.cluster else set()
        self.projects |= {place.id} if place.project else set()
        if fields := unknown(obj):
            self._told.append(decide(f"{titled(obj)}: {few(fields)}", "not known; left out"))
        return bare(
            obj, name=self._name(obj, same), namespace=place.namespace, fields=self._fields(obj, subject, place)
        )

    def _fields(self, obj: Object, subject: Mapping[str, str], place: _Place) -> dict[str, str]:
        role = "globalRoleName" if obj["kind"] == "GlobalRoleBinding" else "roleTemplateName"
        return {**subject, **place.fields, role: text(obj, role)}

    def _name(self, obj: Object, same: tuple[str, ...]) -> str:
        """The name that it has; but not that of a binding which Drover makes for the creator of a Cluster or Project,
        who is another one here."""
        if annotation(obj, CREATOR_BINDING) != "true":
            return name_of(obj)
        self._note(obj, "made for who created the Cluster or Project there: a plain binding here, under another name")
        return generated_name(_PREFIX[obj["kind"]], *same[1:])

    def _of_system(self, obj: Object) -> bool:
        principal, name = text(obj, "userPrincipalName"), text(obj, "userName")
        return name in self._users.system or principal.startswith("system:")

    # --- Whom --------------------------------------------------------------------------------------------------------
    def _subject(self, obj: Object) -> dict[str, str] | Remark:
        """Exactly one field: upstream fills in a User's name beside its principal, and the other way round."""
        user = {field: text(obj, field) for field in USER_SUBJECT if text(obj, field)}
        group = {field: text(obj, field) for field in GROUP_SUBJECT if text(obj, field)}
        if user and group:
            return decide(titled(obj), "names a user and a group; left out: write one binding for each")
        if len(set(group.values())) > 1:
            return decide(titled(obj), "names two groups; left out: write one binding for each")
        if group:
            return dict(list(group.items())[-1:])
        return self._user(obj, user) if user else decide(titled(obj), "names nobody; left out")

    def _user(self, obj: Object, given: Mapping[str, str]) -> dict[str, str]:
        principal = given.get("userPrincipalName", "")
        name = given.get("userName") or (principal.removeprefix(LOCAL) if principal.startswith(LOCAL) else "")
        if name in self._users.names:
            return {"userName": name}
        if principal and not principal.startswith(LOCAL):
            if name:
                self._note(obj, "names a User that is not in the input; it is bound by its principal instead")
            return {"userPrincipalName": principal}
        self._names[f"User {name}"].append(titled(obj))
        return {"userName": name}

    # --- Where -------------------------------------------------------------------------------------------------------
    def _place(self, obj: Object) -> _Place | Remark:
        if obj["kind"] == "GlobalRoleBinding":
            return _Place()
        if obj["kind"] == _CLUSTER:
            cluster = text(obj, "clusterName")
            return _Place(self._here(cluster)) if cluster else decide(titled(obj), "names no cluster; left out")
        cluster, _, project = text(obj, "projectName").partition(":")
        if not (cluster and project) or ":" in project:
            return decide(f"{titled(obj)}: projectName", "has to be <cluster>:<project>; left out, write it anew")
        return _Place(self._here(cluster), project)

    def _here(self, cluster: str) -> str:
        return self._renamed.get(cluster, cluster)

    # --- Which role --------------------------------------------------------------------------------------------------
    def _role(self, obj: Object) -> str:
        if obj["kind"] == "GlobalRoleBinding":
            role = text(obj, "globalRoleName")
            if role not in self._roles.global_roles:
                self._names[f"GlobalRole {role}"].append(titled(obj))
            return role
        role = text(obj, "roleTemplateName")
        if role not in self._roles.contexts:
            self._names[f"RoleTemplate {role}"].append(titled(obj))
            return role
        wanted = "cluster" if obj["kind"] == _CLUSTER else "project"
        if (context := self._roles.contexts[role]) != wanted:
            is_for = f"is for a {context}" if context else "has no context"
            told = f"the role {is_for}: here the binding gives nothing and is Stalled; bind a role for a {wanted}"
            self._told.append(decide(f"{titled(obj)}: roleTemplateName {role}", told))
        return role

    def _note(self, obj: Object, told: str) -> None:
        self._notes[told].append(titled(obj))


def _age(obj: Object) -> tuple[str, str, str]:
    """Of several that say the same, the oldest one stays."""
    return str(obj["metadata"].get("creationTimestamp") or ""), namespace_of(obj), name_of(obj)
