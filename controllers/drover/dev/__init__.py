"""The embedded control plane: a real Kubernetes on one machine, without Docker and without root."""
