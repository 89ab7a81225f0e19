"""The webhook: the few checks of a request that need a look-up, and its own server."""
