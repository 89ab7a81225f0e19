"""The roles that come with Drover, with the names and rules that upstream ships."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from drover.api.keys import BOOTSTRAPPING, DEFAULT_WORKSPACE, GLOBAL_DATA, LOCAL_PASSWORDS, MANAGEMENT
from drover.rules.rbac.notation import rules

_API_VERSION: Final = f"{MANAGEMENT}/v3"
_Manifest = Mapping[str, Any]


def _global(
    name: str, display: str, text: str, *, namespaced: Mapping[str, str] | None = None, **flags: Any
) -> _Manifest:
    by_namespace = {namespace: rules(lines) for namespace, lines in (namespaced or {}).items()}
    return {
        "apiVersion": _API_VERSION,
        "kind": "GlobalRole",
        "metadata": {"name": name, "labels": {BOOTSTRAPPING: "default-globalrole"}},
        "displayName": display,
        "builtin": True,
        "rules": rules(text),
        **({"namespacedRules": by_namespace} if by_namespace else {}),
        **flags,
    }


def _template(
    context: Literal["cluster", "project"], name: str, display: str, text: str = "", **fields: Any
) -> _Manifest:
    return {
        "apiVersion": _API_VERSION,
        "kind": "RoleTemplate",
        "metadata": {"name": name, "labels": {BOOTSTRAPPING: "default-roletemplate"}},
        "displayName": display,
        "builtin": True,
        "context": context,
        **({"rules": rules(text)} if text else {}),
        **fields,
    }


# --- Global roles -----------------------------------------------------------------------------------------------------
_ACCOUNT: Final = """
    ext kubeconfigs crud
    ext useractivities get,update,patch
    ext tokens get,list,watch,create,delete,update,patch
    ext selfusers create
    ext passwordchangerequests create
    mgmt preferences *
    mgmt settings,features,rancherusernotifications glw
"""
_NEW_CLUSTERS: Final = """
    mgmt clusters create
    prov clusters create
    machine-config * create
    mgmt nodedrivers,kontainerdrivers,podsecurityadmissionconfigurationtemplates glw
    catalog clusterrepos glw
"""
_CREDENTIALS: Final = {
    GLOBAL_DATA: "core secrets create",
    DEFAULT_WORKSPACE: """
        core secrets create
        capi-infra * create
    """,
}

SWITCHES: Final = {
    "GlobalRole": ("newUserDefault",),
    "RoleTemplate": ("clusterCreatorDefault", "projectCreatorDefault", "locked"),
}
"""The fields of a role of the catalogue, by kind, that people may set."""

GLOBAL_ROLES: Final[tuple[_Manifest, ...]] = (
    _global("admin", "Admin", "* * *\nurl * *"),
    _global(
        "user",
        "User",
        _ACCOUNT + _NEW_CLUSTERS + "mgmt principals,roletemplates glw\nmgmt fleetworkspaces create",
        namespaced=_CREDENTIALS,
        newUserDefault=True,
    ),
    _global("user-base", "User Base", _ACCOUNT),
    _global(
        "clusters-create",
        "Create Clusters",
        _NEW_CLUSTERS + "mgmt templates,templateversions glw\nrke etcdsnapshots glw\noperation * glw",
        namespaced=_CREDENTIALS,
    ),
    _global("nodedrivers-manage", "Manage Node Drivers", "mgmt nodedrivers *"),
    _global("kontainerdrivers-manage", "Manage Cluster Drivers", "mgmt kontainerdrivers *"),
    _global(
        "users-manage",
        "Manage Users",
        "mgmt users,globalrolebindings *\nmgmt globalroles glw\next groupmembershiprefreshrequests create",
        namespaced={LOCAL_PASSWORDS: "core secrets create,update"},
    ),
    _global("roles-manage", "Manage Roles", "mgmt roletemplates crud"),
    _global("authn-manage", "Manage Authentication", "mgmt authconfigs get,list,watch,update"),
    _global("settings-manage", "Manage Settings", "mgmt settings *"),
    _global("features-manage", "Manage Features", "mgmt features get,list,watch,update"),
    _global("proxy-endpoints-manage", "Manage Rancher Proxy Endpoints", "mgmt proxyendpoints *"),
    _global("view-rancher-metrics", "View Rancher Metrics", "mgmt ranchermetrics get"),
)
"""The built-in GlobalRoles, as whole objects."""

# --- Roles in a cluster -----------------------------------------------------------------------------------------------
_MACHINES: Final = "capi machines,machinedeployments {0}\nmachine-config * {0}\nmachine * {0}\n"
_NODE_METRICS: Final = "metrics nodemetrics,nodes glw"

_CLUSTER: Final = (
    _template("cluster", "cluster-admin", "Kubernetes cluster-admin", external=True, hidden=True, administrative=True),
    _template(
        "cluster",
        "cluster-owner",
        "Cluster Owner",
        """
        * * *
        mgmt clusters own
        prov clusters *
        rke etcdsnapshots glw
        capi machines *
        machine-config * *
        machine * *
        mgmt projects updatepsa
        mgmt clusterproxyconfigs *
        operation * *
        url * *
        """,
        administrative=True,
        clusterCreatorDefault=True,
    ),
    _template(
        "cluster",
        "cluster-member",
        "Cluster Member",
        """
        ui navlinks glw
        mgmt clusterroletemplatebindings,nodes,nodepools,clusterevents glw
        mgmt projects create
        core nodes,persistentvolumes glw
        storage storageclasses glw
        registration apiservices glw
        catalog clusterrepos glw
        mgmt clusters[local] get
        """
        + _MACHINES.format("get,watch")
        + _NODE_METRICS,
    ),
    _template("cluster", "projects-create", "Create Projects", "mgmt projects create"),
    _template(
        "cluster",
        "projects-view",
        "View All Projects",
        """
        mgmt projects,projectroletemplatebindings,clusterevents glw
        core namespaces,persistentvolumes,persistentvolumeclaims glw
        storage storageclasses glw
        """,
        roleTemplateNames=["view"],
    ),
    _template(
        "cluster",
        "nodes-manage",
        "Manage Nodes",
        "mgmt nodes,nodepools *\ncore nodes *\nmgmt clustermonitorgraphs glw\n" + _MACHINES.format("*"),
    ),
    _template(
        "cluster",
        "nodes-view",
        "View Nodes",
        "mgmt nodes,nodepools,clustermonitorgraphs glw\ncore nodes glw\n"
        + _MACHINES.format("get,watch")
        + _NODE_METRICS,
    ),
    _template(
        "cluster",
        "storage-manage",
        "Manage Storage",
        "core persistentvolumes,persistentvolumeclaims *\nstorage storageclasses *",
    ),
    _template(
        "cluster", "clusterroletemplatebindings-manage", "Manage Cluster Members", "mgmt clusterroletemplatebindings *"
    ),
    _template(
        "cluster", "clusterroletemplatebindings-view", "View Cluster Members", "mgmt clusterroletemplatebindings glw"
    ),
    _template(
        "cluster", "clustercatalogs-manage", "Manage Cluster Catalogs", "catalog clusterrepos *", administrative=True
    ),
    _template("cluster", "clustercatalogs-view", "View Cluster Catalogs", "catalog clusterrepos glw"),
    _template("cluster", "backups-manage", "Manage Cluster Backups", "mgmt etcdbackups *"),
    _template("cluster", "navlinks-manage", "Manage Navlinks", "ui navlinks *"),
)

# --- Roles in a project -----------------------------------------------------------------------------------------------
_MIXER: Final = (
    "apikeys,authorizations,checknothings,circonuses,deniers,fluentds,handlers,kubernetesenvs,kuberneteses,"
    "listcheckers,listentries,logentries,memquotas,metrics,opas,prometheuses,quotas,quotaspecbindings,quotaspecs,rbacs,"
    "reportnothings,rules,solarwindses,stackdrivers,statsds,stdios"
)
_BASE: Final = f"""
    ui navlinks glw
    core persistentvolumes glw
    storage storageclasses glw
    registration apiservices glw
    core persistentvolumeclaims {{0}}
    metrics pods {{0}}
    mgmt clusterevents glw
    monitoring.coreos.com prometheuses,prometheusrules,servicemonitors {{0}}
    networking.istio.io destinationrules,envoyfilters,gateways,serviceentries,sidecars,virtualservices {{0}}
    config.istio.io {_MIXER} {{0}}
    authentication.istio.io policies {{0}}
    rbac.istio.io rbacconfigs,serviceroles,servicerolebindings {{0}}
    security.istio.io authorizationpolicies {{0}}
    catalog clusterrepos,operations,releases,apps glw
    mgmt clusters[local] get
"""
# Upstream leaves these out of project-owner, who then has less than a member.
_ROUTES: Final = """
    security.istio.io requestauthentications crud
    telemetry.istio.io telemetries crud
    gateway httproutes,grpcroutes,tcproutes,tlsroutes,udproutes crud
    traefik.io ingressroutes,ingressroutetcps,ingressrouteudps,middlewares,middlewaretcps crud
    traefik.io tlsoptions,tlsstores,serverstransports,serverstransporttcps crud
"""
_STATES: Final = """
    core limitranges,pods/log,pods/status,replicationcontrollers/status glw
    core resourcequotas,resourcequotas/status,bindings glw
"""
_DASHBOARDS: Final = (("prometheus", 9090), ("alertmanager", 9093), ("grafana", 80))
_PROXIED: Final = ",".join(
    f"{scheme}:rancher-monitoring-{name}:{port}" for name, port in _DASHBOARDS for scheme in ("http", "https")
)
_ENDPOINTS: Final = ",".join(f"rancher-monitoring-{name}" for name, _ in _DASHBOARDS)


def _managed(name: str, display: str, text: str, *, seen: str = "") -> tuple[_Manifest, _Manifest]:
    """A role that manages resources and one that sees them; `{0}` in the text is for the verbs."""
    return (
        _template("project", f"{name}-manage", f"Manage {display}", text.format("*")),
        _template("project", f"{name}-view", f"View {display}", (seen or text).format("glw")),
    )


_PROJECT: Final = (
    *(
        _template("project", name, f"Kubernetes {name}", external=True, hidden=True)
        for name in ("admin", "edit", "view")
    ),
    _template(
        "project",
        "project-owner",
        "Project Owner",
        _BASE.format("*")
        + _ROUTES
        + "mgmt projectroletemplatebindings *\ncore nodes glw\ncore namespaces create\nmgmt projects own",
        roleTemplateNames=["admin"],
        projectCreatorDefault=True,
    ),
    _template(
        "project",
        "project-member",
        "Project Member",
        _BASE.format("*") + _ROUTES + "mgmt projectroletemplatebindings glw\ncore namespaces create",
        roleTemplateNames=["edit"],
    ),
    _template(
        "project",
        "read-only",
        "Read-only",
        _BASE.format("glw") + "mgmt projectroletemplatebindings glw",
        roleTemplateNames=["view"],
    ),
    _template("project", "create-ns", "Create Namespaces", "core namespaces create"),
    _template(
        "project",
        "workloads-manage",
        "Manage Workloads",
        """
        core pods,pods/attach,pods/exec,pods/portforward,pods/proxy crud
        core replicationcontrollers,replicationcontrollers/scale crud
        apps daemonsets,deployments,deployments/scale,replicasets,replicasets/scale,statefulsets,statefulsets/scale crud
        apps deployments/rollback create,delete,deletecollection,patch,update
        autoscaling horizontalpodautoscalers crud
        batch cronjobs,jobs crud
        """
        + _STATES,
    ),
    _template(
        "project",
        "workloads-view",
        "View Workloads",
        """
        core pods,replicationcontrollers,replicationcontrollers/scale glw
        apps daemonsets,deployments,deployments/scale,replicasets,replicasets/scale glw
        apps statefulsets glw
        autoscaling horizontalpodautoscalers glw
        batch cronjobs,jobs glw
        """
        + _STATES,
    ),
    *_managed("ingress", "Ingress", "extensions ingresses {0}\nnetworking ingresses {0}"),
    *_managed("services", "Services", "core services,services/proxy,endpoints {0}", seen="core services,endpoints {0}"),
    *_managed("secrets", "Secrets", "core secrets {0}"),
    *_managed("configmaps", "Config Maps", "core configmaps {0}"),
    *_managed(
        "persistentvolumeclaims",
        "Volumes",
        "core persistentvolumeclaims {0}\ncore persistentvolumes glw\nstorage storageclasses glw",
    ),
    *_managed("serviceaccounts", "Service Accounts", "core serviceaccounts {0}"),
    *_managed("projectroletemplatebindings", "Project Members", "mgmt projectroletemplatebindings {0}"),
    _template(
        "project",
        "project-monitoring-readonly",
        "Project Monitoring View Role",
        "monitoring.cattle.io prometheus view",
        hidden=True,
        roleTemplateNames=["view"],
    ),
    _template(
        "project",
        "monitoring-ui-view",
        "View Monitoring",
        external=True,
        externalRules=rules(f"core services/proxy[{_PROXIED}] get,create\ncore endpoints[{_ENDPOINTS}] list"),
    ),
    _template("project", "navlinks-view", "View Navlinks", "ui navlinks glw"),
)

ROLE_TEMPLATES: Final[tuple[_Manifest, ...]] = (*_CLUSTER, *_PROJECT)
"""The built-in RoleTemplates, as whole objects."""
