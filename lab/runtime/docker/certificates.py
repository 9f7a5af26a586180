"""The lab's own certificate authority and the certificates that it issues.

EC P-256 throughout; 400 nodes take 30 ms. An agent's certificate names its node
as common name, which is how the cloud process knows whose state it may read. The
cloud process is known by a fixed subject alternative name, never by an address.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lab.contract.credentials import CLOUD_NAME

LIFETIME = datetime.timedelta(days=3650)
"""A lab is not renewed; it is deployed again."""
BACKDATED = datetime.timedelta(days=1)
"""Machines whose clocks differ, or were set back, still agree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A certificate with its private key, both PEM."""

    certificate: bytes
    key: bytes = b""

    def __repr__(self) -> str:
        return f"<Identity {self.fingerprint[:16]}>"

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, in hexadecimal."""
        return x509.load_pem_x509_certificate(self.certificate).fingerprint(hashes.SHA256()).hex()


def new_authority(lab: str, *, now: datetime.datetime) -> Identity:
    """A fresh authority for `lab`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"vnetlab {lab}"[:64])
    certificate = (
        _builder(now)
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return _identity(certificate, key)


def cloud_identity(authority: Identity, *, now: datetime.datetime) -> Identity:
    """What the cloud process shows to agents."""
    return _issue(authority, common_name="cloud", server=True, now=now)


def node_identity(authority: Identity, *, node: str, now: datetime.datetime) -> Identity:
    """What the agent of `node` shows to the cloud process."""
    return _issue(authority, common_name=node, server=False, now=now)


def credential_files(authority: Identity, identity: Identity) -> Mapping[str, bytes]:
    """File names and contents as `Credentials` wants them; never the authority's key."""
    return {
        "authority.pem": authority.certificate,
        "certificate.pem": identity.certificate,
        "key.pem": identity.key,
    }


def _issue(
    authority: Identity, *, common_name: str, server: bool, now: datetime.datetime
) -> Identity:
    issuer = x509.load_pem_x509_certificate(authority.certificate)
    issuer_key = serialization.load_pem_private_key(authority.key, password=None)
    if not isinstance(issuer_key, ec.EllipticCurvePrivateKey):
        raise TypeError("the authority's key is not an elliptic-curve key")
    key = ec.generate_private_key(ec.SECP256R1())
    purpose = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
    builder = (
        _builder(now)
        .subject_name(_name(common_name))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    if server:
        names = x509.SubjectAlternativeName([x509.DNSName(CLOUD_NAME)])
        builder = builder.add_extension(names, critical=False)
    return _identity(builder.sign(issuer_key, hashes.SHA256()), key)


def _builder(now: datetime.datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + LIFETIME)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _identity(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Identity:
    return Identity(
        certificate=certificate.public_bytes(serialization.Encoding.PEM),
        key=key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
