"""`python -m bench NAME`: run one benchmark, or `all` of them; `--gate` fails where a goal is missed."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import signal
import sys
import traceback

from bench import scene
from bench.figures import Result

NAMES = (
    *("start", "workloads", "projects", "quota", "silence", "fairness", "admission", "reconcile", "failover"),
    *("pair", "grants", "bindings"),
)


def main() -> int:
    """0 when everything ran (with `--gate`: and met its goals), 1 otherwise, 2 for a name that there is none of."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("name", choices=(*NAMES, "all"))
    parser.add_argument("--gate", action="store_true", help="exit with 1 when a goal is missed")
    arguments = parser.parse_args()
    names = NAMES if arguments.name == "all" else (arguments.name,)
    results = [_run(name) for name in names]
    ran = all(result is not None for result in results)
    met = all(result is not None and result.passes for result in results)
    return 0 if ran and (met or not arguments.gate) else 1


def _run(name: str) -> Result | None:
    """The result, printed; None when the benchmark broke, which does not keep the next one from running."""
    try:
        result = asyncio.run(_terminable(name))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(130)
    except Exception:
        traceback.print_exc()
        return None
    finally:
        scene.clear()
    print(result.line(), flush=True)
    return result


async def _terminable(name: str) -> Result:
    """SIGTERM ends a benchmark as Ctrl-C does: with everything removed that it started."""
    task = asyncio.ensure_future(importlib.import_module(f"bench.{name}").run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    result: Result = await task
    return result


sys.exit(main())
