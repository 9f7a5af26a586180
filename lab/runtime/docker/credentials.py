"""Where the certificates of a lab's containers lie: a directory each, which it sees read-only."""

import os
from collections.abc import Mapping
from pathlib import Path

MODE = 0o400


def lay_out(directory: Path, files: Mapping[str, bytes]) -> None:
    """Write the files of `lab.runtime.docker.certificates.credential_files`, each at once.

    In their order, the key last: it says that the others are complete.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, content in files.items():
        draft = directory / f"{name}.new"
        draft.unlink(missing_ok=True)
        # Unreadable to others from its first byte.
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE)
        with open(descriptor, "wb") as file:
            file.write(content)
        draft.rename(directory / name)
