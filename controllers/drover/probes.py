"""The HTTP server for the kubelet and Prometheus: /healthz, /readyz, /metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from aiohttp import web
from prometheus_client import generate_latest
from prometheus_client.core import GaugeMetricFamily

from drover.kinds.manager import Manager, measured
from drover.kube import metrics


class Objects:
    """Counts the objects by kind and readiness when they are asked for."""

    def __init__(self, manager: Manager) -> None:
        self._manager = manager

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """The metric `drover_objects`, and the ages of unfinished work."""
        family = GaugeMetricFamily("drover_objects", "Objects by kind and readiness.", labels=["kind", "ready"])
        for gvr, cache in self._manager.hub.caches.items():
            counts: dict[str, int] = {}
            for obj in cache:
                counts[measured(obj)] = counts.get(measured(obj), 0) + 1
            for ready, count in sorted(counts.items()):
                family.add_metric([str(gvr), ready], count)
        yield family
        for queue in self._manager.queues.values():
            total, oldest = queue.oldest()
            metrics.UNFINISHED.labels(queue.name).set(total)
            metrics.LONGEST.labels(queue.name).set(oldest)


async def serve(host: str, port: int, *, healthy: Callable[[], str], ready: Callable[[], str]) -> web.AppRunner:
    """Serves until the runner is cleaned up. `healthy` and `ready` give what is wrong, empty for nothing."""

    async def health(_request: web.Request) -> web.Response:
        return _answer(healthy())

    async def readiness(_request: web.Request) -> web.Response:
        return _answer(ready())

    async def scrape(_request: web.Request) -> web.Response:
        return web.Response(body=generate_latest(metrics.REGISTRY), content_type="text/plain", charset="utf-8")

    app = web.Application()
    app.add_routes([web.get("/healthz", health), web.get("/readyz", readiness), web.get("/metrics", scrape)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    return runner


def _answer(problem: str) -> web.Response:
    return web.Response(text=problem or "ok", status=503 if problem else 200)
