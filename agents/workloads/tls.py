"""TLS for machines that have a certificate."""

import ssl
import tempfile

CERTIFICATE = "TLS_CERTIFICATE"
"""Variable of the environment of a container that answers over TLS: key and certificate."""


def server_context(pem: str) -> ssl.SSLContext:
    """What a server needs that has this key and certificate.

    Raises:
        ssl.SSLError: it is none.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(pem.encode())
        file.flush()
        context.load_cert_chain(file.name)
    return context
