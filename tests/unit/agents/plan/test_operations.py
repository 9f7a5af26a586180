"""Operations read as sentences."""

from agents.objects.link import Bridge, Link, Loopback
from agents.objects.ruleset import Ruleset, RulesetName
from agents.plan.operations import (
    Add,
    Change,
    CreateNamespace,
    LoadRuleset,
    Operation,
    Remove,
    RemoveNamespace,
    SetSysctl,
)

BRIDGE = Link(name="b0", kind=Bridge())
LO = Link(name="lo", kind=Loopback())
WHERE = {"namespace": "node", "subject": "node", "reason": "drifted"}


def test_every_operation_says_what_where_and_why() -> None:
    ruleset = Ruleset(name=RulesetName(tool="nft", table="ip t"), rules=("r",))
    operations: list[Operation] = [
        CreateNamespace(**WHERE),
        RemoveNamespace(**WHERE),
        Add(**WHERE, value=BRIDGE),
        Change(**WHERE, value=BRIDGE, previous=LO),
        Remove(**WHERE, value=BRIDGE),
        SetSysctl(**WHERE, name="net.ipv4.ip_forward", value="1"),
        LoadRuleset(**WHERE, ruleset=ruleset),
    ]
    for operation in operations:
        assert "node" in str(operation)
        assert str(operation).endswith(": drifted")
    assert str(operations[-2]) == "set net.ipv4.ip_forward=1 in node: drifted"
    assert str(operations[-1]) == "load nft ip t in node: drifted"
