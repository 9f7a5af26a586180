"""Certificates of the emulated Internet: each host's names its names, and is signed by itself.

A lab has no authority that anybody trusts. Keys follow from what they are for, so
that the same lab compiles to the same bytes; they protect nothing.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256

_BEGIN, _END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC)

_LONGEST_COMMON_NAME = 64


@lru_cache(maxsize=256)
def certificate(names: Sequence[str]) -> str:
    """Key and certificate for `names`, in PEM."""
    # Only labs with names on the Internet pay for the library.
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415

    seed = sha256(" ".join(names).encode()).digest()
    key = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
    common = names[0][:_LONGEST_COMMON_NAME]
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(seed[:8]) or 1)
        .not_valid_before(_BEGIN)
        .not_valid_after(_END)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(each) for each in names]), critical=False
        )
        .sign(key, None)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return (private + made.public_bytes(serialization.Encoding.PEM)).decode()
