"""The group provisioning.cattle.io."""
