"""Every example deploys, passes its own tests, and goes without a trace, on both runtimes."""

from pathlib import Path

import pytest

from tests.e2e.conftest import REPOSITORY, deployed

EXAMPLES = sorted((REPOSITORY / "examples").glob("*.lab.yaml"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name.removesuffix(".lab.yaml"))
def test_example_does_what_it_says(
    example: Path, runtime: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    # Its own state directory: the name may be that of a lab of another test.
    state_directory = tmp_path_factory.mktemp("x", numbered=True)
    with deployed(example, runtime=runtime, state_directory=state_directory) as lab:
        assert " passed" in lab.vnetlab("test", "-n", lab.name).stdout
