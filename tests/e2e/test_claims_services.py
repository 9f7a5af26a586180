"""Claims B7, E1, E16 and K5: Services of type ClusterIP, by packets, on the example lab."""

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import REPOSITORY, DeployedLab, deployed

CLIENT = "pod/client"
WEB = "10.2.0.17"
CONNECTIONS = 64
"""To four pods: that one of them gets none happens once in a hundred million runs."""

CURL_REFUSED = 7
"""And not 28, which is a timeout."""

CURL_TIMEOUT = 28

GETENT_NOT_FOUND = 2

ASK = (
    f"for each in $(seq {CONNECTIONS}); do curl -s --max-time 5 http://{WEB}:8080/; done"
    " | grep -e pod -e node -e address"
)


@pytest.fixture(scope="module")
def services(
    runtime: str, state_directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DeployedLab]:
    folder = tmp_path_factory.mktemp("services")
    shutil.copy(REPOSITORY / "examples/aks-services.yaml", folder)
    file = Path(shutil.copy(REPOSITORY / "examples/aks-services.lab.yaml", folder))
    with deployed(file, runtime=runtime, state_directory=state_directory) as lab:
        yield lab


def service(lab: DeployedLab, name: str) -> dict[str, object]:
    return next(row for row in lab.inspect("services") if row["name"] == name)


def pods(lab: DeployedLab, owner: str) -> list[dict[str, str]]:
    return [row for row in lab.inspect("pods") if row["owner"] == owner]


@pytest.mark.claim("K5")
def test_a_cluster_ip_spreads_over_the_pods_of_all_nodes(services: DeployedLab) -> None:
    printed = services.output(CLIENT, "sh", "-c", ASK)
    nodes = Counter(re.findall(r'"node": "([^"]+)"', printed))
    answered = Counter(re.findall(r'"pod": "([^"]+)"', printed))

    web = pods(services, "web")
    assert answered.total() == CONNECTIONS
    assert set(nodes) == {row["node"] for row in web}
    assert len(nodes) == 2
    assert set(answered) == {row["name"] for row in web}


@pytest.mark.claim("E1", "E16")
def test_a_cluster_ip_is_the_default_and_leads_nowhere_outside(services: DeployedLab) -> None:
    manifest = (services.file.parent / "aks-services.yaml").read_text()
    (written,) = (each for each in manifest.split("---") if "name: web\nspec:\n  selector:" in each)
    node = pods(services, "web")[0]["node"]
    ask = ("curl", "-sS", "-o", "/dev/null", "--max-time", "2", f"http://{WEB}:8080/")

    assert "type:" not in written
    assert service(services, "web")["type"] == "ClusterIP"
    ended = [services.execute(CLIENT, *ask), services.execute(f"node/{node}", *ask)]
    assert [each.returncode for each in ended] == [0, 0]
    assert services.execute("vm/vm1", *ask, check=False).returncode == CURL_TIMEOUT


@pytest.mark.claim("K5")
def test_pods_see_the_pod_that_asks_on_whichever_node_they_are(services: DeployedLab) -> None:
    printed = services.output(CLIENT, "sh", "-c", ASK)
    own = next(row["address"] for row in services.inspect("pods") if row["name"] == "client")
    addresses = {row["address"] for row in pods(services, "web")}

    # Of each answer: the pod's own address, then that of its client.
    seen = set(re.findall(r'"address": "([^"]+)"', printed))
    assert seen == addresses | {own}


def test_a_node_reaches_pods_of_another_as_itself(services: DeployedLab) -> None:
    """Its address is none of a pod: kube-proxy masquerades."""
    local, remote = sorted({row["node"] for row in pods(services, "web")})
    printed = services.output(f"node/{local}", "sh", "-c", ASK)
    addresses = {row["address"] for row in pods(services, "web")}

    assert f'"node": "{remote}"' in printed
    clients = set(re.findall(r'"address": "([^"]+)"', printed)) - addresses
    assert clients
    assert not any(each.startswith("10.2.0.") for each in clients)


def test_a_pod_reaches_itself_as_the_bridge(services: DeployedLab) -> None:
    """Semantics 7, hairpin."""
    printed = services.output("pod/web-0", "sh", "-c", ASK)
    found = re.findall(r'"address": "([^"]+)"', printed)
    seen = list(zip(found[::2], found[1::2], strict=True))
    own = next(row["address"] for row in pods(services, "web") if row["ordinal"] == 0)
    bridge = own.rpartition(".")[0] + ".1"

    assert len(seen) == CONNECTIONS
    assert {client for pod, client in seen if pod == own} == {bridge}
    assert {client for pod, client in seen if pod != own} == {own}


def test_nodes_show_the_chains_of_kube_proxy(services: DeployedLab) -> None:
    node = pods(services, "web")[0]["node"]
    rules = services.output(f"node/{node}", "iptables", "-t", "nat", "-S")

    assert f"-A KUBE-SERVICES -d {WEB}/32 -p tcp" in rules
    assert len(re.findall(r'-A KUBE-SVC-\S+ .*"default/web -> \S+" .*-j KUBE-SEP-', rules)) == 4
    # In front of the ip-masq-agent's, as kube-proxy puts its own.
    assert rules.index("-j KUBE-POSTROUTING") < rules.index("-j IP-MASQ-AGENT")


def test_a_service_without_pods_refuses_connections(services: DeployedLab) -> None:
    refused = services.execute(
        CLIENT, "curl", "-sS", "--max-time", "5", "http://10.2.0.77/", check=False
    )

    assert refused.returncode == CURL_REFUSED


@pytest.mark.claim("B7")
def test_kube_dns_is_where_the_cluster_was_told(services: DeployedLab) -> None:
    row = service(services, "kube-dns")

    assert (row["namespace"], row["cluster_ip"], row["ports"]) == (
        "kube-system",
        "10.2.0.10",
        "53/UDP,53/TCP",
    )
    assert row["endpoints"] == [f"{pod['address']}:53" for pod in pods(services, "coredns")]
    assert "nameserver 10.2.0.10" in services.output(CLIENT, "cat", "/etc/resolv.conf")


@pytest.mark.claim("B7")
@pytest.mark.parametrize("transport", ["+notcp", "+tcp"])
@pytest.mark.parametrize(
    ("question", "status", "answers"),
    [
        ("web.default.svc.cluster.local A", "NOERROR", ["10.2.0.17"]),
        ("web.default.svc.cluster.local AAAA", "NOERROR", []),
        ("nobody.default.svc.cluster.local A", "NOERROR", ["10.2.0.77"]),
        ("web.other.svc.cluster.local A", "NXDOMAIN", []),
        ("17.0.2.10.in-addr.arpa PTR", "NOERROR", ["web.default.svc.cluster.local."]),
        ("www.example.com A", "NOERROR", ["203.0.113.10"]),
        ("www.example.org A", "NXDOMAIN", []),
    ],
)
def test_it_answers_from_the_cluster_and_asks_others_for_the_rest(
    services: DeployedLab, question: str, status: str, answers: list[str], transport: str
) -> None:
    dig = ("dig", transport, "+tries=1", "+timeout=5", "+noall", "+comments", "+answer")
    printed = services.output(CLIENT, *dig, *question.split())

    assert f"status: {status}" in printed
    assert re.findall(r"\sIN\s+(?:A|PTR)\s+(\S+)$", printed, re.M) == answers


def test_a_headless_service_is_the_addresses_of_its_pods(services: DeployedLab) -> None:
    printed = services.output(CLIENT, "dig", "+search", "+short", "web-pods")

    assert set(printed.split()) == {row["address"] for row in pods(services, "web")}


def test_a_pod_finds_a_service_by_its_short_name(services: DeployedLab) -> None:
    assert services.output(CLIENT, "getent", "hosts", "web").split()[0] == WEB


def test_names_follow_services_while_the_lab_runs(services: DeployedLab) -> None:
    manifest = services.file.parent / "aks-services.yaml"
    before = manifest.read_text()
    try:
        manifest.write_text(before.replace("name: web-pods", "name: others"))
        services.deploy()
        found = services.output(CLIENT, "getent", "ahostsv4", "others").split()
        assert {row["address"] for row in pods(services, "web")} <= set(found)
        gone = services.execute(CLIENT, "getent", "hosts", "web-pods", check=False)
        assert gone.returncode == GETENT_NOT_FOUND
    finally:
        manifest.write_text(before)
        services.deploy()


def test_a_second_deploy_changes_nothing(services: DeployedLab) -> None:
    assert "nothing to change" in services.deploy()


def test_a_client_keeps_its_pod_where_the_service_says_so(services: DeployedLab) -> None:
    manifest = services.file.parent / "aks-services.yaml"
    before = manifest.read_text()
    try:
        manifest.write_text(
            before.replace(
                "  ports:\n    - port: 8080",
                "  sessionAffinity: ClientIP\n  ports:\n    - port: 8080",
            )
        )
        services.deploy()
        printed = services.output(CLIENT, "sh", "-c", ASK)
        assert len(set(re.findall(r'"pod": "([^"]+)"', printed))) == 1
    finally:
        manifest.write_text(before)
        services.deploy()
