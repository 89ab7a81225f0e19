"""Free ports on the loopback interface."""

from __future__ import annotations

import random
import socket
from collections.abc import Collection

from drover.dev.errors import DevError

# Below the range from which the kernel takes ports for outgoing connections (32768 and up on Linux): between our
# choice and the program's listen nobody gets such a port by chance.
RANGE = range(20_000, 32_000)
LOOPBACK = "127.0.0.1"


def pick(count: int, taken: Collection[int]) -> list[int]:
    """`count` different ports that nobody listens on and that are not in `taken`."""
    candidates = [port for port in RANGE if port not in taken]
    random.shuffle(candidates)
    found: list[int] = []
    for port in candidates:
        if len(found) == count:
            break
        if is_free(port):
            found.append(port)
    if len(found) < count:
        raise DevError(f"Fewer than {count} free ports between {RANGE.start} and {RANGE.stop}; stop something")
    return found


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as probe:
        # As Go and asyncio do: a port with closed connections in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
