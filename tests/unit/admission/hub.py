"""A hub of roles, bindings and users for the checks: what is known of it, and who may do what in it by native RBAC."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from drover.admission.authorizer import REVIEWS, Authorizer
from drover.admission.checks import checks
from drover.admission.escalation import Ceiling
from drover.admission.looks import Looks
from drover.admission.review import Allowed, Denied, decode
from drover.admission.server import VALIDATE
from drover.kube.gvr import Object
from drover.rules.rbac import reading
from drover.rules.rbac.facts import Rule
from drover.rules.rbac.policy import covers, covers_url
from drover.rules.rbac.snapshot import Snapshot
from tests.unit.admission.reviews import review

API = "management.cattle.io/v3"
PLURALS = {
    "RoleTemplate": "roletemplates",
    "GlobalRole": "globalroles",
    "GlobalRoleBinding": "globalrolebindings",
    "ClusterRoleTemplateBinding": "clusterroletemplatebindings",
    "ProjectRoleTemplateBinding": "projectroletemplatebindings",
    "User": "users",
    "UserAttribute": "userattributes",
}
ALL = [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}, {"verbs": ["*"], "nonResourceURLs": ["*"]}]


def rule(verbs: str, group: str, resources: str, *names: str) -> Object:
    found: Object = {"verbs": verbs.split(), "apiGroups": [group], "resources": resources.split()}
    return found | ({"resourceNames": list(names)} if names else {})


def obj(kind: str, name: str, namespace: str = "", **fields: Any) -> Object:
    metadata = {"name": name, "uid": f"{kind}-{namespace}-{name}"} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": API, "kind": kind, "metadata": metadata, **fields}


def template(name: str, *rules: Object, context: str = "cluster", **fields: Any) -> Object:
    return obj("RoleTemplate", name, rules=list(rules), context=context, **fields)


def crtb(role: str, user: str, cluster: str = "c1", **fields: Any) -> Object:
    name = f"{role}-{user}"
    subject = {} if "groupName" in fields else {"userName": user}
    return obj(
        "ClusterRoleTemplateBinding", name, cluster, clusterName=cluster, roleTemplateName=role, **subject, **fields
    )


def prtb(role: str, user: str, project: str = "c1:p1", lies_in: str = "", **fields: Any) -> Object:
    cluster, _, name = project.partition(":")
    place = lies_in or f"{cluster}-{name}"
    return obj(
        "ProjectRoleTemplateBinding",
        f"{role}-{user}",
        place,
        projectName=project,
        roleTemplateName=role,
        userName=user,
        **fields,
    )


def grb(role: str, user: str) -> Object:
    return obj("GlobalRoleBinding", f"{role}-{user}", globalRoleName=role, userName=user)


@dataclass
class Hub:
    """`objects` are known; `unseen` exist and are not known yet; `native` are RBAC rules of users, by user and
    namespace (empty: everywhere)."""

    objects: list[Object] = field(default_factory=list)
    unseen: list[Object] = field(default_factory=list)
    native: dict[tuple[str, str], list[Object]] = field(default_factory=dict)
    questions: int = 0

    def __post_init__(self) -> None:
        users = [obj("User", name, username=name) for name in ("alice", "bob", "mallory")]
        clusters = [obj("Cluster", name) for name in ("local", "c1", "c2")]
        projects = [
            obj(
                "Project",
                name,
                cluster,
                spec={"clusterName": cluster},
                status={"backingNamespace": f"{cluster}-{name}"},
            )
            for cluster, name in (("c1", "p1"), ("c1", "p2"), ("c2", "p1"))
        ]
        self.objects = [*users, *clusters, *projects, *self.objects]

    async def call(self, method: str, path: str, body: Object | None = None) -> Object:
        """The kube-apiserver's answer to a SubjectAccessReview, by RBAC."""
        assert (method, path) == ("POST", REVIEWS)
        assert body is not None
        self.questions += 1
        return {"status": {"allowed": self._allowed(body["spec"])}}

    def _allowed(self, spec: Object) -> bool:
        asked = spec.get("resourceAttributes") or {}
        places = {"", asked.get("namespace", "")}
        rules: list[Rule] = [
            one for place in places for one in reading.rules(self.native.get((spec["user"], place)) or [])
        ]
        if not asked:
            path = spec["nonResourceAttributes"]
            return any(covers_url(one, path["verb"], path["path"]) for one in rules)
        subresource = asked.get("subresource")
        resource = f"{asked['resource']}/{subresource}" if subresource else asked["resource"]
        return any(covers(one, asked["verb"], asked["group"], resource, asked.get("name", "")) for one in rules)

    async def fetch(self, resource: str, name: str) -> Object | None:
        for found in (*self.objects, *self.unseen):
            if found["metadata"]["name"] == name and PLURALS.get(found["kind"], "clusterroles") == resource:
                return found
        return None

    async def ask(
        self,
        user: str,
        new: Object | None,
        old: Object | None = None,
        groups: tuple[str, ...] = (),
        path: str = VALIDATE,
    ) -> Allowed | Denied:
        """The answer to a request of a user to write an object; to delete it where there is no new one."""
        written = new or old
        assert written is not None
        metadata = written["metadata"]
        body = review(
            "DELETE" if new is None else "CREATE" if old is None else "UPDATE",
            PLURALS[written["kind"]],
            name=metadata["name"],
            namespace=metadata.get("namespace", ""),
            object=new,
            oldObject=old,
            userInfo={"username": user, "groups": [*groups, "system:authenticated"]},
        )
        looks = Looks(Snapshot(self.objects), self._usernames, self.fetch)
        return await checks(looks, Ceiling(Authorizer(self)))[path](decode(orjson.dumps(body)))

    def _usernames(self, username: str) -> list[str]:
        users = [one for one in self.objects if one["kind"] == "User"]
        return [one["metadata"]["name"] for one in users if one.get("username") == username]


def denied(answer: Allowed | Denied, code: int, *texts: str) -> None:
    """The request was refused, and the message says these things."""
    assert isinstance(answer, Denied), answer
    assert answer.code == code, answer
    for text in texts:
        assert text in answer.message, answer.message
