"""TLS of a machine with a certificate."""

import ssl

import pytest

from agents.workloads.tls import server_context
from lab.compile.certificates import certificate


def test_a_server_shows_its_certificate() -> None:
    server, client = ssl.MemoryBIO(), ssl.MemoryBIO()
    trusting = ssl.create_default_context(cadata=_public(certificate(("www.example.com",))))
    theirs = server_context(certificate(("www.example.com",))).wrap_bio(
        client, server, server_side=True
    )
    ours = trusting.wrap_bio(server, client, server_hostname="www.example.com")
    for _ in range(3):
        for end in (ours, theirs):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    found = ours.getpeercert()
    assert found is not None
    assert ("DNS", "www.example.com") in found["subjectAltName"]


def test_what_is_no_certificate_is_refused() -> None:
    with pytest.raises(ssl.SSLError):
        server_context("none")


def _public(pem: str) -> str:
    return pem[pem.index("-----BEGIN CERTIFICATE") :]
