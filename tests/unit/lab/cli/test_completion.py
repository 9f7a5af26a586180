from pathlib import Path

import click
import pytest

from lab.cli.completion import complete_labs, complete_targets, target_names
from lab.cli.verbs.execute import command
from tests.unit.lab.cli.fake_service import INSPECTION

NODE = "aks-nodepool1-52243381-vmss000000"


def context(**parameters: object) -> click.Context:
    made = click.Context(command)
    made.params.update(parameters)
    return made


def offered(items: list[object]) -> list[str]:
    return [item.value for item in items]  # type: ignore[attr-defined]


def test_every_place_of_a_lab_has_an_unambiguous_name() -> None:
    assert target_names(INSPECTION) == [
        f"node/{NODE}",
        "vm/vm1",
        "internet/internet",
        "pod/nginx-0",
        "pod/kube-system/azure-ip-masq-agent-6c59v",
        "pod/default/nginx-5d49769c9-6fwlp",
        f"host/{NODE}",
        "host/vm1",
        "host/internet",
    ]


def test_targets_of_the_lab_at_hand(inside: None) -> None:
    found = complete_targets(context(), command.params[0], "pod/n")
    assert offered(found) == ["pod/nginx-0"]


def test_names_of_labs_that_have_a_directory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VNETLAB_STATE_DIR", str(tmp_path))
    for name in ("aks", "gke"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "runtime").write_text("native\n")
    assert offered(complete_labs(context(), command.params[0], "a")) == ["aks"]


@pytest.mark.parametrize("complete", [complete_labs, complete_targets])
def test_whatever_goes_wrong_the_prompt_stays_quiet(complete, monkeypatch) -> None:
    monkeypatch.setenv("VNETLAB_STATE_DIR", "/dev/null/nothing")
    assert complete(context(lab="aks"), command.params[0], "") == []
