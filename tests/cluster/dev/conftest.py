"""One control plane for every test that leaves it as it found it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from drover.dev import cluster
from drover.dev.cluster import ControlPlane
from drover.dev.options import Options


@pytest.fixture(scope="package")
def control_plane() -> Iterator[ControlPlane]:
    """A hub with two nodes and an audit log, and one member."""
    options = Options(f"test-dev-{os.getpid()}", members=1, nodes=2, audit=True)
    with cluster.up(options, owned=True) as control_plane:
        yield control_plane
