"""Certificates of Internet hosts."""

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from lab.compile.certificates import certificate

NAMES = ("www.example.com", "other.example.com")


def test_a_certificate_names_what_its_host_is_called() -> None:
    pem = certificate(NAMES).encode()
    found = x509.load_pem_x509_certificate(pem)
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == list(NAMES)
    assert load_pem_private_key(pem, None).public_key() == found.public_key()


def test_the_same_names_have_the_same_certificate() -> None:
    certificate.cache_clear()
    first = certificate(NAMES)
    certificate.cache_clear()
    assert certificate(NAMES) == first
    assert certificate(NAMES[:1]) != first


def test_a_name_may_be_longer_than_a_common_name() -> None:
    assert certificate((f"{'a' * 60}.example.com",))
