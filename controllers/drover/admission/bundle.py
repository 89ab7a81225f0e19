"""What the Secret of the webhook's certificates holds. Who only shows them needs no more; `cryptography` is for the
leader, who makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

CA, CA_KEY = "ca.crt", "ca.key"
CERTIFICATE, KEY = "tls.crt", "tls.key"
NEXT, NEXT_KEY = "ca-next.crt", "ca-next.key"
OLD = "ca-old.crt"
FIELDS = (CA, CA_KEY, CERTIFICATE, KEY, NEXT, NEXT_KEY, OLD)
"""Keys of the Secret."""


@dataclass(frozen=True, slots=True)
class Lives:
    """For how long certificates are valid, and how long everybody is given to read a new bundle."""

    ca: timedelta = timedelta(days=730)
    serving: timedelta = timedelta(days=90)
    overlap: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key, as PEM."""

    certificate: str
    key: str


@dataclass(frozen=True, slots=True)
class Certificates:
    """What the Secret holds. `old` is the certificate of the CA before this one."""

    ca: Pair
    serving: Pair
    next: Pair | None = None
    old: str = ""

    @property
    def bundle(self) -> str:
        """What kube-apiservers trust."""
        return "".join((self.ca.certificate, self.next.certificate if self.next else "", self.old))

    def data(self) -> dict[str, str]:
        """The Secret's content; a key that is to vanish is empty."""
        return {
            CA: self.ca.certificate,
            CA_KEY: self.ca.key,
            CERTIFICATE: self.serving.certificate,
            KEY: self.serving.key,
            NEXT: self.next.certificate if self.next else "",
            NEXT_KEY: self.next.key if self.next else "",
            OLD: self.old,
        }


def read(data: Mapping[str, str]) -> Certificates | None:
    """What a Secret holds; None where it is not whole."""
    if not all(data.get(field) for field in (CA, CA_KEY, CERTIFICATE, KEY)):
        return None
    following = Pair(data[NEXT], data[NEXT_KEY]) if data.get(NEXT) and data.get(NEXT_KEY) else None
    return Certificates(Pair(data[CA], data[CA_KEY]), Pair(data[CERTIFICATE], data[KEY]), following, data.get(OLD, ""))
