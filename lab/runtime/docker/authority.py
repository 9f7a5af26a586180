"""The lab's authority on disk: made at the first deploy, kept until the lab is destroyed."""

import os
from datetime import UTC, datetime
from pathlib import Path

from lab.runtime.docker.certificates import Identity, new_authority

FILE_NAME = "authority.pem"
END_OF_CERTIFICATE = b"-----END CERTIFICATE-----\n"


def lab_authority(directory: Path, *, lab: str) -> Identity:
    """The authority of the lab that lives in `directory`; a new one if it has none.

    One file, put in place by a rename, so that no interruption leaves a
    certificate without its key.
    """
    path = directory / FILE_NAME
    try:
        certificate, end, key = path.read_bytes().partition(END_OF_CERTIFICATE)
        return Identity(certificate=certificate + end, key=key)
    except FileNotFoundError:
        authority = new_authority(lab, now=datetime.now(UTC))
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(authority.certificate + authority.key)
    draft.rename(path)
    return authority
