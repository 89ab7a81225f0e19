"""`python -m bench NAME`: run one benchmark."""

from __future__ import annotations

import asyncio
import importlib
import sys

NAMES = ("start", "workloads")


def main() -> None:
    """Runs the named benchmark; exits with 2 for a name that there is none of."""
    if len(sys.argv) != 2 or sys.argv[1] not in NAMES:
        sys.exit(f"usage: python -m bench {{{'|'.join(NAMES)}}}")
    asyncio.run(importlib.import_module(f"bench.{sys.argv[1]}").run())


main()
