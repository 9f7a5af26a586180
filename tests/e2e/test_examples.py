"""Every example deploys, passes its own tests, and goes without a trace, on both runtimes."""

import re
import shutil
from pathlib import Path

import pytest

from tests.e2e.conftest import REPOSITORY, deployed

EXAMPLES = sorted((REPOSITORY / "examples").glob("*.lab.yaml"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name.removesuffix(".lab.yaml"))
def test_example_does_what_it_says(
    example: Path, runtime: str, tmp_path: Path, state_directory: Path
) -> None:
    # A name of its own: that of the example may be a lab of another test, and an
    # engine has every name once.
    shutil.copytree(example.parent, tmp_path / "examples")
    file = tmp_path / "examples" / example.name
    file.write_text(
        re.sub(r"^( *name: )(\S+)$", r"\1example-\2", file.read_text(), count=1, flags=re.M)
    )
    with deployed(file, runtime=runtime, state_directory=state_directory) as lab:
        assert " passed" in lab.vnetlab("test", "-n", lab.name).stdout
