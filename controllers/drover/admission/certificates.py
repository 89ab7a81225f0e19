"""The webhook's own certificates: a CA, a serving certificate of it, and how both are renewed with nobody noticing.

A CA is trusted before it signs and after it no longer does: its successor is made a third of its life before its end,
and signs once every kube-apiserver has had time to read the bundle with it in; the predecessor is dropped later still.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from drover.admission.bundle import Certificates, Lives, Pair

_BACKDATED = timedelta(hours=1)
"""A clock that is behind accepts a new certificate too."""


def step(
    held: Certificates | None, names: Collection[str], now: datetime, lives: Lives, trusted: str
) -> Certificates | None:
    """The certificates as they should be now, one step on from those that are held; None where nothing is to be done.

    `names` are DNS names and IP addresses that the server is reached by; `trusted` is the bundle that kube-apiservers
    were last given: no CA signs that is not in it.
    """
    if held is None or not _usable(held, now):
        authority = _authority(now, lives)
        return Certificates(authority, _serving(authority, names, now, lives))
    if held.next is not None and held.next.certificate.strip() in trusted and _age(held.next, now) >= lives.overlap:
        serving = _serving(held.next, names, now, lives)
        return Certificates(held.next, serving, old=held.ca.certificate)
    if held.old and _age(held.serving, now) >= lives.overlap:
        return replace(held, old="")
    if held.next is None and not held.old and _ends_soon(held.ca, now):
        return replace(held, next=_authority(now, lives))
    if _ends_soon(held.serving, now) or _names(held.serving) != set(names):
        return replace(held, serving=_serving(held.ca, names, now, lives))
    return None


def _usable(held: Certificates, now: datetime) -> bool:
    """Whether the CA and its certificate fit together and are valid still."""
    try:
        authority, serving = _load(held.ca), _load(held.serving)
        serving.verify_directly_issued_by(authority)
        _key(held.ca)
        fits = _key(held.serving).public_key() == serving.public_key()
    except Exception:
        return False
    return fits and min(authority.not_valid_after_utc, serving.not_valid_after_utc) > now


def _load(pair: Pair) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pair.certificate.encode())


def _key(pair: Pair) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pair.key.encode(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("the key is not one of an elliptic curve")
    return key


def _age(pair: Pair, now: datetime) -> timedelta:
    return now - _load(pair).not_valid_before_utc - _BACKDATED


def _ends_soon(pair: Pair, now: datetime) -> bool:
    """Whether less than a third of a certificate's life is left."""
    certificate = _load(pair)
    begin, end = certificate.not_valid_before_utc + _BACKDATED, certificate.not_valid_after_utc
    return end - now < (end - begin) / 3


def _names(pair: Pair) -> set[str]:
    extension = _load(pair).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    addresses = extension.get_values_for_type(x509.IPAddress)
    return {*extension.get_values_for_type(x509.DNSName), *(str(address) for address in addresses)}


def _authority(now: datetime, lives: Lives) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, f"drover-webhook-ca-{x509.random_serial_number():x}"[:40])]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        _builder(name, name, key.public_key(), now, lives.ca)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return _pair(builder.sign(key, hashes.SHA256()), key)


def _serving(authority: Pair, names: Collection[str], now: datetime, lives: Lives) -> Pair:
    key, issuer = ec.generate_private_key(ec.SECP256R1()), _load(authority)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "drover-webhook")])
    life = min(lives.serving, issuer.not_valid_after_utc - now)
    authority_key = _key(authority)
    builder = (
        _builder(subject, issuer.subject, key.public_key(), now, life)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in sorted(names)]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
    )
    return _pair(builder.sign(authority_key, hashes.SHA256()), key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=key)
    return (
        builder.serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + life)
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pair(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Pair:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Pair(certificate.public_bytes(serialization.Encoding.PEM).decode(), private.decode())
