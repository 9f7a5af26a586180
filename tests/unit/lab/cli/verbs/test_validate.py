import json
from pathlib import Path

import pytest

from tests.unit.lab.cli.fake_service import LAB_FILE

TWO_MISTAKES = LAB_FILE.replace(b"addressPrefix:", b"addresPrefix:").replace(b"64", b"'64'")


def write(content: bytes) -> None:
    Path("aks.lab.yaml").write_bytes(content)


def test_a_valid_file_is_said_to_be(vnetlab) -> None:
    write(LAB_FILE)
    printed = vnetlab("validate")
    assert printed.exit_code == 0
    assert printed.out == "aks.lab.yaml: valid; 3 machines, 0 pods, 2 tests\n"
    assert vnetlab("validate", "-q").out == ""


def test_every_problem_is_told_with_its_line(vnetlab) -> None:
    write(TWO_MISTAKES)
    printed = vnetlab("validate")
    assert (printed.exit_code, printed.out) == (2, "")
    assert "aks.lab.yaml:8: " in printed.err
    assert "aks.lab.yaml:17: " in printed.err


def test_problems_for_programs(vnetlab) -> None:
    write(TWO_MISTAKES)
    printed = vnetlab("validate", "--format", "json")
    report = json.loads(printed.out)
    assert (printed.exit_code, report["valid"]) == (2, False)
    assert {problem["line"] for problem in report["problems"]} >= {8, 17}
    assert set(report["problems"][0]) == {"file", "line", "message", "remedy"}


def test_a_valid_file_for_programs(vnetlab) -> None:
    write(LAB_FILE)
    assert json.loads(vnetlab("validate", "--format", "json").out) == {
        "file": "aks.lab.yaml",
        "valid": True,
        "problems": [],
        "warnings": [],
    }


@pytest.mark.parametrize("words", [(), ("-t", "absent.lab.yaml")])
def test_no_file_is_no_traceback(words, vnetlab) -> None:
    printed = vnetlab("validate", *words)
    assert printed.exit_code == 2
    assert len(printed.err.splitlines()) == 2
