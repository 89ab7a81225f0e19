"""A control plane of its own for tests that stop, break or restart things."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import pytest_asyncio

from drover.dev.stage import Stage
from drover.dev.stage import stage as made_stage
from tests.cluster.scene import SHORT_LEASE


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def stage() -> AsyncIterator[Stage]:
    """CRDs, policies and rights are there; no operator runs."""
    async with made_stage(f"test-operator-{os.getpid()}", arguments=SHORT_LEASE) as made:
        yield made
