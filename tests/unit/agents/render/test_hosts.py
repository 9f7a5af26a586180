"""Files that a kubelet writes for pods."""

from ipaddress import IPv4Address

from agents.render.hosts import hostname_file, hosts_file


def test_a_pods_hosts_file_ends_with_itself() -> None:
    text = hosts_file(["web-0"], IPv4Address("10.244.1.3"))
    assert text.startswith("# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n")
    assert text.endswith("\n10.244.1.3\tweb-0\n")


def test_several_names_share_a_line() -> None:
    assert hosts_file(["a", "b"], IPv4Address("10.0.0.1")).endswith("\n10.0.0.1\ta\tb\n")


def test_a_hostname_is_a_line() -> None:
    assert hostname_file("web-0") == "web-0\n"
