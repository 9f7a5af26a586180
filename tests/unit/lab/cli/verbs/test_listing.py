import json
from pathlib import Path

import pytest

from lab.runtime.provider import RunningLab


@pytest.fixture(autouse=True)
def _labs(monkeypatch: pytest.MonkeyPatch) -> None:
    labs = [
        RunningLab(name="aks", runtime="native", state_directory=Path("/run/user/0/vnetlab/aks")),
        RunningLab(
            name="gke",
            runtime="docker",
            state_directory=Path("/run/user/0/vnetlab/gke"),
            running=False,
        ),
    ]
    monkeypatch.setattr("lab.cli.runtimes.all_labs", lambda: labs)


def test_labs_and_remains(vnetlab, snapshot) -> None:
    snapshot("list", vnetlab("list").out)


def test_labs_for_programs(vnetlab) -> None:
    rows = json.loads(vnetlab("ls", "--format", "json").out)
    assert rows[0] == {
        "name": "aks",
        "runtime": "native",
        "state_directory": "/run/user/0/vnetlab/aks",
        "log": "/run/user/0/vnetlab/aks/log",
        "status": "running",
    }
    assert rows[1]["status"] == "remains"
