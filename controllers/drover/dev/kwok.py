"""What kwokctl is told: the components of one cluster, their ports and flags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drover.dev.binaries import Binaries
from drover.dev.options import Options
from drover.dev.ports import LOOPBACK

ETCD = "etcd"
APISERVER = "kube-apiserver"
CONTROLLER_MANAGER = "kube-controller-manager"
SCHEDULER = "kube-scheduler"
KWOK = "kwok-controller"
COMPONENTS = (ETCD, APISERVER, CONTROLLER_MANAGER, SCHEDULER, KWOK)

PORT_OF = {
    ETCD: "etcdPort",
    APISERVER: "kubeApiserverPort",
    CONTROLLER_MANAGER: "kubeControllerManagerPort",
    SCHEDULER: "kubeSchedulerPort",
    KWOK: "kwokControllerPort",
}
PORTS = (*PORT_OF.values(), "etcdPeerPort")

AUDIT_POLICY = "audit-policy.yaml"
# Metadata of every request, once each: when its answer is complete.
AUDIT_POLICY_CONTENT = """\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules:
- level: Metadata
"""

# The address of the Service `kubernetes`. It may not be a loopback address, and kube-apiserver doesn't start when it
# looks for one on a machine without a network; this one is reserved for documentation (RFC 5737), so nobody has it.
_ADVERTISED = "192.0.2.1"
_SERVICES = "10.96.0.0/16"  # the default has room for 254


@dataclass(frozen=True)
class Layout:
    """The files of one cluster."""

    control_plane: Path
    instance: str

    @property
    def directory(self) -> Path:
        """Ours."""
        return self.control_plane / self.instance

    @property
    def files(self) -> Path:
        """Files that kube-apiserver's flags refer to."""
        return self.directory / "files"

    @property
    def config(self) -> Path:
        """What kwokctl reads."""
        return self.directory / "kwokctl.yaml"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig, complete in itself."""
        return self.directory / "kubeconfig"

    @property
    def audit_log(self) -> Path:
        """One JSON object a line, when auditing is on."""
        return self.directory / "audit.log"

    @property
    def workdir(self) -> Path:
        """kwokctl's: `clusters/<name>` below KWOK_WORKDIR, which is the control plane's directory."""
        return self.control_plane / "clusters" / self.instance

    def program(self, component: str) -> Path:
        """The path by which a component is started."""
        return self.workdir / "bin" / component


def configuration(options: Options, layout: Layout, binaries: Binaries, ports: Mapping[str, int]) -> dict[str, Any]:
    """The KwokctlConfiguration of one cluster."""
    return {
        "apiVersion": "config.kwok.x-k8s.io/v1alpha1",
        "kind": "KwokctlConfiguration",
        "options": {
            "runtime": "binary",
            "kubeVersion": f"v{options.kubernetes}",
            "bindAddress": LOOPBACK,
            "securePort": True,
            "kubeAuthorization": True,
            "kubeAdmission": True,
            "quietPull": True,
            "etcdBinary": str(binaries.etcd),
            "kubeApiserverBinary": str(binaries.kube_apiserver),
            "kubeControllerManagerBinary": str(binaries.kube_controller_manager),
            "kubeSchedulerBinary": str(binaries.kube_scheduler),
            "kubectlBinary": str(binaries.kubectl),
            "kwokControllerBinary": str(binaries.kwok),
            **ports,
        },
        "componentsPatches": [
            {"name": component, "extraArgs": [{"key": key, "value": value} for key, value in flags]}
            for component, flags in _flags(options, layout)
        ],
    }


def environment(control_plane: Path, programs: Path, inherited: Mapping[str, str]) -> dict[str, str]:
    """The environment of kwokctl: our kubectl, no settings of the user, no proxy for the loopback."""
    kept = {name: value for name, value in inherited.items() if not name.startswith("KWOK_") and name != "KUBECONFIG"}
    path = f"{programs}:{inherited.get('PATH', '')}"
    return kept | {"PATH": path, "KWOK_WORKDIR": str(control_plane), "NO_PROXY": LOOPBACK, "no_proxy": LOOPBACK}


def _flags(options: Options, layout: Layout) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    # The data is thrown away with the control plane; without waiting for the disk every write is faster.
    yield ETCD, [("unsafe-no-fsync", "true")]
    yield APISERVER, list(_apiserver_flags(options, layout).items())
    # Controllers must not be slowed down by their client's limits; --disable-qps-limits would also turn API priority
    # and fairness off. A component that is started again works at once without leader election.
    quick = [("kube-api-qps", "1000"), ("kube-api-burst", "2000"), ("leader-elect", "false")]
    # As in a real cluster each controller is a ServiceAccount of its own, which admission policies can tell apart.
    yield CONTROLLER_MANAGER, [*quick, ("use-service-account-credentials", "true")]
    yield SCHEDULER, quick


def _apiserver_flags(options: Options, layout: Layout) -> dict[str, str]:
    flags = {"advertise-address": _ADVERTISED, "service-cluster-ip-range": _SERVICES}
    if options.audit:
        flags |= {
            "audit-policy-file": str(layout.files / AUDIT_POLICY),
            "audit-log-path": str(layout.audit_log),
            "audit-log-maxsize": "4096",  # MiB; a reader must not lose its file to rotation
        }
    return flags | {
        name: value.replace("{files}", str(layout.files)) for name, value in options.apiserver_flags.items()
    }
