"""Metrics under controller-runtime's and client-go's names, so that dashboards made for those show Drover too."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


def _counter(name: str, text: str, *labels: str) -> Counter:
    return Counter(name, text, labels, registry=REGISTRY)


def _gauge(name: str, text: str, *labels: str) -> Gauge:
    return Gauge(name, text, labels, registry=REGISTRY)


def _histogram(name: str, text: str, *labels: str) -> Histogram:
    return Histogram(name, text, labels, registry=REGISTRY, buckets=_SECONDS)


REQUESTS = _counter("rest_client_requests_total", "HTTP requests by code, method and host.", "code", "method", "host")
REQUEST_SECONDS = _histogram(
    "rest_client_request_duration_seconds", "Time of a request, by verb and host.", "verb", "host"
)

RECONCILES = _counter("controller_runtime_reconcile_total", "Reconciles by result.", "controller", "result")
RECONCILE_ERRORS = _counter("controller_runtime_reconcile_errors_total", "Reconciles that failed.", "controller")
TERMINAL_ERRORS = _counter(
    "controller_runtime_terminal_reconcile_errors_total",
    "Reconciles that found what only a person can mend.",
    "controller",
)
RECONCILE_SECONDS = _histogram("controller_runtime_reconcile_time_seconds", "Time of a reconcile.", "controller")
ACTIVE_WORKERS = _gauge("controller_runtime_active_workers", "Reconciles that run now.", "controller")
MAX_RECONCILES = _gauge(
    "controller_runtime_max_concurrent_reconciles", "Reconciles that may run at once.", "controller"
)

DEPTH = _gauge("workqueue_depth", "Keys that wait.", "name", "priority")
ADDS = _counter("workqueue_adds_total", "Keys added.", "name")
QUEUE_SECONDS = _histogram("workqueue_queue_duration_seconds", "Time that a key waits.", "name")
WORK_SECONDS = _histogram("workqueue_work_duration_seconds", "Time that a key is worked on.", "name")
RETRIES = _counter("workqueue_retries_total", "Keys added again after a failure.", "name")
UNFINISHED = _gauge("workqueue_unfinished_work_seconds", "Time of all work that has not ended.", "name")
LONGEST = _gauge("workqueue_longest_running_processor_seconds", "Time of the oldest work that has not ended.", "name")

LEADING = _gauge("leader_election_master_status", "1 where this process leads.", "name")

WRITES = _counter("drover_writes_total", "Writes by kind and what they were for.", "kind", "reason")
SUPPRESSED = _counter("drover_suppressed_writes_total", "Writes that were not needed.", "kind")
CONNECTED = _gauge("drover_cluster_connected", "1 where the member cluster answers.", "cluster")

WEBHOOK_REQUESTS = _counter("controller_runtime_webhook_requests_total", "Reviews by HTTP code.", "webhook", "code")
WEBHOOK_SECONDS = _histogram("controller_runtime_webhook_latency_seconds", "Time of a review.", "webhook")
DENIED = _counter("drover_admission_denied_total", "Requests that the webhook refused, by code.", "code")
STALE = _gauge(
    "drover_sweep_stale_objects",
    "RBAC objects of Drover that nothing wants, as the last audit of the cluster found; they are deleted then.",
    "cluster",
)
