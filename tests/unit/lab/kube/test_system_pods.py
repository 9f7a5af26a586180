"""What AKS runs in kube-system (claim A11)."""

from lab.kube import system_pods


def test_every_node_runs_three_daemons_on_the_host_network() -> None:
    daemons = system_pods.daemon_sets()
    assert [daemon.name for daemon in daemons] == [
        "kube-proxy",
        "azure-ip-masq-agent",
        "konnectivity-agent",
    ]
    assert all(daemon.template.spec.host_network for daemon in daemons)


def test_four_ordinary_pods_came_before_any_user_pod() -> None:
    """In the published capture the first nginx pod beside them is .6."""
    assert sum(deployment.replicas for deployment in system_pods.deployments()) == 4
    assert not any(each.template.spec.host_network for each in system_pods.deployments())


def test_system_pods_are_in_kube_system_and_selected_by_their_labels() -> None:
    for deployment in system_pods.deployments():
        assert deployment.metadata.namespace == "kube-system"
        assert deployment.selector.matches(deployment.template.metadata.labels)
    assert {daemon.namespace for daemon in system_pods.daemon_sets()} == {"kube-system"}


def test_with_pod_subnets_cns_is_there_instead_of_the_masquerade_agent() -> None:
    def names(**values: bool) -> list[str]:
        return [each.name for each in system_pods.daemon_sets(**values)]

    assert "azure-cns" not in names()
    assert "azure-ip-masq-agent" in names(cns=True)
    assert names(agent=False, cns=True) == ["kube-proxy", "azure-cns", "konnectivity-agent"]
