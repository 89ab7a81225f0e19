"""How Drover talks to a kube-apiserver. Knows nothing of cattle."""
