"""The group project.cattle.io."""
