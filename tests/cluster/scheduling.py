"""Which worker runs what: tests that share a control plane run one after the other on the same one."""

from __future__ import annotations

from pathlib import Path

from xdist.scheduler import LoadScopeScheduling


class ByControlPlane(LoadScopeScheduling):  # type: ignore[misc]
    """Gives a worker a whole directory where that has a control plane of its own, else a file. Such a plane ends as
    soon as its worker goes on to a file elsewhere, so that it would be made anew for each file."""

    def _split_scope(self, nodeid: str) -> str:
        file = Path(nodeid.split("::", 1)[0])
        shared = file.parent != Path("tests/cluster") and (self.config.rootpath / file.parent / "conftest.py").exists()
        return str(file.parent if shared else file)
