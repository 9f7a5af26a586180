"""How the members behind a load balancer are, as `vnetlab inspect loadbalancers` says it."""

import time

from tests.e2e.conftest import DEADLINE, DeployedLab


def members(lab: DeployedLab, **where: str) -> dict[str, str]:
    """The status of each member, in the rows that have these values: `rule="http"`."""
    rows = lab.inspect("loadbalancers")
    return {row["host"]: row["status"] for row in rows if where.items() <= row.items()}


def eventually(lab: DeployedLab, wanted: dict[str, str], **where: str) -> None:
    """Until the members are so: probes take as long as they take."""
    end = time.monotonic() + DEADLINE
    while (found := members(lab, **where)) != wanted:
        assert time.monotonic() < end, found
