"""kubectl's cache of what an address serves."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

# As kubectl names the directory (client-go, computeDiscoverCacheDir).
_OTHER_CHARACTERS = re.compile(r"[^(\w/.)]")


def forget(server: str) -> None:
    """Deletes what kubectl remembers of `server`.

    Another cluster may have had the port: kubectl would look for that one's kinds for ten minutes.
    """
    base = Path(os.environ.get("KUBECACHEDIR") or Path.home() / ".kube" / "cache")
    address = re.sub("^https?://", "", server)
    shutil.rmtree(base / "discovery" / _OTHER_CHARACTERS.sub("_", address), ignore_errors=True)
