from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lab.contract.credentials import CLOUD_NAME
from lab.runtime.docker.certificates import (
    cloud_identity,
    credential_files,
    new_authority,
    node_identity,
)

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
AUTHORITY = new_authority("one", now=NOW)
NODE = "aks-nodepool1-52243381-vmss000000"


def loaded(pem: bytes) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem)


def test_a_node_is_named_by_its_common_name() -> None:
    subject = loaded(node_identity(AUTHORITY, node=NODE, now=NOW).certificate).subject
    assert [name.value for name in subject.get_attributes_for_oid(NameOID.COMMON_NAME)] == [NODE]


def test_a_name_of_63_characters_fits() -> None:
    """The longest name that a node may have."""
    node_identity(AUTHORITY, node="n" * 63, now=NOW)


def test_the_cloud_process_is_known_by_a_name_and_by_no_address() -> None:
    certificate = loaded(cloud_identity(AUTHORITY, now=NOW).certificate)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert list(names) == [x509.DNSName(CLOUD_NAME)]


def test_the_authority_issued_it_and_another_one_did_not() -> None:
    certificate = loaded(node_identity(AUTHORITY, node=NODE, now=NOW).certificate)
    certificate.verify_directly_issued_by(loaded(AUTHORITY.certificate))
    with pytest.raises(InvalidSignature):
        certificate.verify_directly_issued_by(loaded(new_authority("one", now=NOW).certificate))


def test_a_node_can_neither_serve_nor_issue() -> None:
    """A node's key must not make it the cloud process of the others."""
    extensions = loaded(node_identity(AUTHORITY, node=NODE, now=NOW).certificate).extensions
    usage = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert not extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign


def test_keys_are_on_p_256() -> None:
    for identity in (AUTHORITY, node_identity(AUTHORITY, node=NODE, now=NOW)):
        key = serialization.load_pem_private_key(identity.key, password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        assert isinstance(key.curve, ec.SECP256R1)


def test_a_clock_that_is_a_little_behind_accepts_it() -> None:
    certificate = loaded(node_identity(AUTHORITY, node=NODE, now=NOW).certificate)
    assert certificate.not_valid_before_utc <= NOW - timedelta(hours=1)
    assert certificate.not_valid_after_utc >= NOW + timedelta(days=365)


def test_what_a_node_gets_holds_its_own_key_and_never_that_of_the_authority() -> None:
    identity = node_identity(AUTHORITY, node=NODE, now=NOW)
    files = credential_files(AUTHORITY, identity)
    assert files["key.pem"] == identity.key
    assert all(AUTHORITY.key not in content for content in files.values())


def test_an_identity_does_not_print_its_key() -> None:
    assert AUTHORITY.key.decode().splitlines()[1] not in repr(AUTHORITY)
