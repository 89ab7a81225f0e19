"""The group management.cattle.io."""
