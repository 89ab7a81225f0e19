"""Which RBAC objects a cluster should hold: compiled from roles, bindings and users, with no I/O."""
