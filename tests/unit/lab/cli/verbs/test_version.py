import json
from importlib.metadata import version


def test_the_version_is_that_of_the_package(vnetlab) -> None:
    assert vnetlab("version").out.splitlines()[0] == f"vnetlab {version('vnetlab')}"
    facts = json.loads(vnetlab("version", "--format", "json").out)
    assert facts["version"] == version("vnetlab")
    assert set(facts) == {"version", "python", "kernel", "machine"}
