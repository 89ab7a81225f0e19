"""Who wants which RBAC objects: what is learned of a unit is forgotten with it, whole."""

from __future__ import annotations

from drover.kube.gvr import CLUSTER_ROLES, RBAC, ROLE_BINDINGS, Key, Object
from drover.members.claims import Claims, Unit, unit_of_part
from drover.members.desired import Part
from drover.members.rbac import selected
from drover.rules.ownership import Owner

SHOP = "edge:shop"
LABELS = {"example.com/adds": "true"}
ROLE = {"kind": "ClusterRole", "metadata": {"name": "view-pods"}, "rules": []}
OWN = {**ROLE, "kind": "RoleBinding", "metadata": {"name": "own", "namespace": "p-shop"}}
GRANT = {**ROLE, "kind": "RoleBinding", "metadata": {"name": "grant"}}

CLUSTER_ROLE = (CLUSTER_ROLES.kind, Key("", "view-pods"))
PLACE = (ROLE_BINDINGS.kind, Key("till", "grant"))


def unit(uid: str) -> Unit:
    """A unit that wants one of each."""
    owner = Owner("Project", "edge", "shop", uid)
    return unit_of_part(
        Part(
            owner,
            "test",
            unit="project:shop",
            rights=(ROLE, OWN),
            granted_in=SHOP,
            grants=(GRANT,),
            aggregated={"theirs": LABELS},
        )
    )


def known(claims: Claims) -> tuple[object, ...]:
    """Everything that claims say."""
    return (
        claims.on(CLUSTER_ROLE, ""),
        claims.on(PLACE, SHOP),
        claims.in_namespace("p-shop"),
        claims.in_project(SHOP),
        claims.about((CLUSTER_ROLES.kind, Key("", "theirs"))),
        claims.labels_on("theirs"),
    )


def test_each_thing_that_a_unit_wants_is_known_until_it_is_forgotten() -> None:
    claims, one, other = Claims(), unit("1"), unit("2")
    nothing = known(claims)
    claims.learn(one)
    alone = known(claims)
    assert alone == (*[{one.label}] * 5, LABELS)
    claims.learn(other)
    assert known(claims) == (*[{one.label, other.label}] * 5, LABELS)
    assert claims.forget(other.label) == other
    assert known(claims) == alone
    assert claims.forget(one.label) == one
    assert known(claims) == nothing == (*[set()] * 5, {})


def test_a_grant_is_wanted_in_the_namespaces_of_its_project_alone() -> None:
    claims, one = Claims(), unit("1")
    claims.learn(one)
    assert claims.on(PLACE, "edge:back") == set()
    assert claims.on((ROLE_BINDINGS.kind, Key("till", "another")), SHOP) == set()
    assert claims.on((ROLE_BINDINGS.kind, Key("p-shop", "own")), "") == {one.label}
    (place, wanted), *rest = one.grants_in("till")
    assert (place, rest) == (PLACE, [])
    assert wanted.manifest["metadata"]["namespace"] == "till"


def test_an_aggregated_role_selects_by_all_labels_of_one_of_its_selectors() -> None:
    labelled = {"both": {"a": "1", "b": "2"}, "one": {"a": "1"}, "none": {"b": "2"}}

    def role(*selectors: dict[str, str]) -> Object:
        rule = {"clusterRoleSelectors": [{"matchLabels": each} for each in selectors]}
        return {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "aggregationRule": rule}

    assert selected(role({"a": "1", "b": "2"}), labelled) == ["both"]
    assert selected(role({"a": "1"}), labelled) == ["both", "one"]
    assert selected(role({"a": "1", "b": "2"}, {"b": "2"}), labelled) == ["both", "none"]
    assert selected(ROLE, labelled) == []
