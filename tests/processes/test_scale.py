"""Many agents at once, on lab files as users write them."""

from lab.contract.v1.lab_pb2 import InspectRequest
from lab.control.main import serving
from tests.processes.conftest import Site
from tests.processes.labs import machines

NAMES = [f"vm{number}" for number in range(99)]


async def test_a_hundred_agents_get_each_its_own_state(site: Site) -> None:
    async with (
        serving(site.control()),
        site.agents(*NAMES, "internet") as hosts,
        site.command_line() as lab,
    ):
        *_, last = [progress async for progress in lab.Apply(machines(*NAMES))]
        reply = await lab.Inspect(InspectRequest(kinds=["nodes"]))

        assert (last.nodes_ready, last.operations) == (100, 100)
        assert [host.is_now.name for host in hosts if host.is_now] == [*NAMES, "internet"]
        assert {node.status for node in reply.nodes} == {"Ready"}
        addresses = {host.is_now.nic.primary.ip for host in hosts if host.is_now}
        assert len(addresses) == 100


async def test_a_hundred_agents_find_a_cloud_process_that_came_back(site: Site) -> None:
    """All dial at once; none is left out, and none is told anything new."""
    async with site.agents(*NAMES, "internet") as hosts:
        async with serving(site.control()), site.command_line() as lab:
            async for _ in lab.Apply(machines(*NAMES)):
                pass
        states = [host.is_now for host in hosts]
        async with serving(site.control()), site.command_line() as lab:
            *_, last = [progress async for progress in lab.Apply(machines(*NAMES))]

    assert (last.revision, last.nodes_ready, last.operations) == (1, 100, 0)
    assert [host.is_now for host in hosts] == states
