"""Pod security in a Cluster: what its template asks of the namespaces of its Projects, and how far that has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drover.kinds.hub import Hub
from drover.kube.gvr import Object
from drover.members.desired import POD_SECURITY, MemberState
from drover.members.member import Member
from drover.rules import pod_security as rules
from drover.rules.conditions import Condition, condition_of, false, true, unknown
from drover.rules.findings import listed
from drover.rules.objects import deleting, name_of, uid_of
from drover.rules.pod_security import PodSecurity

_TYPE = "PodSecurityApplied"


@dataclass(frozen=True, slots=True)
class InForce:
    """The template that a Cluster names (None: there is none of that name). `behind` are Projects whose namespaces were
    not looked at with it yet, `refused` says why namespaces do not have its labels."""

    name: str
    template: Object | None
    behind: tuple[str, ...] = ()
    refused: Mapping[str, str] | None = None


def in_force(hub: Hub, cluster: Object, projects: tuple[Object, ...]) -> InForce | None:
    """What is known of the template of a Cluster; None where it names none."""
    name = rules.named(cluster)
    if not name:
        return None
    template, member = hub.template(name), hub.fleet.get(name_of(cluster))
    if member is None:
        return InForce(name, template)
    wanted, behind, refused = rules.pod_security(template, hub.system_namespaces), [], {}
    for project in projects:
        if deleting(project):
            continue
        if not _told(member, project, wanted):
            behind.append(name_of(project))
        state = member.last_state(uid_of(project))
        for seen in state.seen if state is not None else ():
            if POD_SECURITY in seen.problems:
                refused[seen.namespace] = seen.problems[POD_SECURITY]
    return InForce(name, template, tuple(behind), refused)


def _told(member: Member, project: Object, wanted: PodSecurity) -> bool:
    """Whether the namespaces of a Project are as they should be now. Those of one that is held stay as they are, and
    nothing is asked of those of the System project."""
    part = member.parts.get(uid_of(project))
    if part is None:
        return False
    if part.held:
        return True
    return part.pod_security in (None, wanted) and member.part_state(uid_of(project)) is not None


def conditions(found: InForce | None, member: MemberState | None, cluster: Object) -> list[Condition]:
    """The condition on it; none where no template is named."""
    return [] if found is None else [_condition(found, member, condition_of(cluster, _TYPE))]


def _condition(found: InForce, member: MemberState | None, before: Condition | None) -> Condition:
    """`before` is what was said last. It stays while a restarted Drover, or a part that changed for another reason, is
    about to find the same again."""
    if found.template is None:
        return false(
            _TYPE,
            "TemplateNotFound",
            f"there is no PodSecurityAdmissionConfigurationTemplate {found.name}; create it, or name another one. "
            "Until then labels of namespaces stay as they are",
        )
    if not rules.pod_security(found.template, ()).labels:
        return false(
            _TYPE,
            "InvalidTemplate",
            f"PodSecurityAdmissionConfigurationTemplate {found.name} has a level or version that Kubernetes does not "
            "know; correct it. Until then labels of namespaces stay as they are",
        )
    if member is None or not member.connected:
        return unknown(_TYPE, "NotConnected", "the cluster does not answer")
    told = true(_TYPE, "NamespaceLabels", _in_words(found.template))
    if found.behind:
        if before is not None and (before == told or before.reason == "LabelsRefused"):
            return before
        return unknown(_TYPE, "Progressing", f"labels the namespaces of projects {listed(found.behind)}")
    if found.refused:
        why = listed((f"{name}: {each}" for name, each in found.refused.items()), separator="; ")
        return false(_TYPE, "LabelsRefused", why)
    return told


def _in_words(template: Object) -> str:
    beyond = rules.beyond_labels(template)
    return rules.levels(template) + (
        f"; {' and '.join(beyond)} have no effect here: labels of namespaces cannot express them" if beyond else ""
    )
