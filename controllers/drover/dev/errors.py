"""The one exception of `drover.dev`."""

from __future__ import annotations


class DevError(Exception):
    """Something about the embedded control plane that a person has to know; the message says what to do."""
