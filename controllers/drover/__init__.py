"""Drover: Rancher-compatible clusters, projects and workloads as plain Kubernetes resources."""

__version__ = "0.1.0"
