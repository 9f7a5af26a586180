"""What every tier shares: whether the docker half is asked for, or golden texts anew."""

import os

import pytest

# A process that has used gRPC would fork threads along, and what tries namespaces forks.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--docker", action="store_true", help="run the tests that need a Docker engine too"
    )
    parser.addoption(
        "--update-golden", action="store_true", help="write the reviewed texts of tests/golden anew"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves the docker half out unless asked for.

    Left out, not skipped: a test that was asked for and can't run has to fail.
    """
    if config.getoption("--docker"):
        return
    left_out = [item for item in items if item.get_closest_marker("docker")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]
