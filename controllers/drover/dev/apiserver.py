"""The few requests that starting a cluster needs."""

from __future__ import annotations

import http.client
import json
import ssl
from pathlib import Path
from typing import Any

from drover.dev.ports import LOOPBACK

_SECONDS = 5.0
_READY_SECONDS = 2.0


class Apiserver:
    """One kube-apiserver on the loopback, as its administrator. A connection a request: nothing has to be closed."""

    def __init__(self, port: int, pki: Path) -> None:
        self._port = port
        self._tls = ssl.create_default_context(cafile=pki / "ca.crt")
        self._tls.load_cert_chain(pki / "admin.crt", pki / "admin.key")

    def request(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, seconds: float = _SECONDS
    ) -> tuple[int, bytes]:
        """Status and body of the answer. Raises OSError or http.client.HTTPException when there is none."""
        connection = http.client.HTTPSConnection(LOOPBACK, self._port, timeout=seconds, context=self._tls)
        try:
            connection.request(
                method,
                path,
                body=None if body is None else json.dumps(body),
                headers={"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "drover-dev"},
            )
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def get(self, path: str) -> dict[str, Any] | None:
        """A JSON object; None when there is no answer or another status than 200."""
        try:
            status, body = self.request("GET", path)
        except (OSError, http.client.HTTPException):
            return None
        if status != http.HTTPStatus.OK:
            return None
        found: dict[str, Any] = json.loads(body)
        return found

    def ready(self) -> bool:
        """What /readyz says; False when there is no answer."""
        try:
            return self.request("GET", "/readyz", seconds=_READY_SECONDS)[0] == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
