"""The cloud process: keeps what was applied, delivers it to the agents, says how far they are.

One asyncio loop, two gRPC servers: `AgentService` for the agents, `LabService`
for the command line. What was applied is on disk before an agent hears of it,
so that the process may be killed at any moment and comes back to the same
revision. It computes and delivers; it never carries a packet.

    rollout       from a request to what all hosts are told: the only way there
    sessions      what each agent still has to hear; `outbox`: of one stream, together;
                  `told_parts`: what its other end knows already
    convergence   how far hosts are; `health`: which members of pools are up

What a lab means is decided in `lab.topology`, `lab.kube` and `lab.compile`, and
where its hosts live in `lab.runtime`: neither belongs here.
"""
