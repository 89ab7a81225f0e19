"""helm, and the chart rendered once."""

from __future__ import annotations

import pytest

from drover.dev import helm
from drover.kube.gvr import Object
from tests.chart.chart import EVERYTHING, Chart


def pytest_collection_finish(session: pytest.Session) -> None:
    """Fetches or builds helm now: a fixture would do it under the time limit of the first test."""
    if any("tests/chart" in item.nodeid for item in session.items) and not session.config.option.collectonly:
        helm.ensure()


@pytest.fixture(scope="session")
def chart() -> Chart:
    return Chart(helm.ensure())


@pytest.fixture(scope="session")
def everything(chart: Chart) -> list[Object]:
    """Every object that the chart can render."""
    return chart.objects(EVERYTHING)
