"""Who may ask the hypervisor's own services, as text."""

from agents.render.platform import platform_chain


def test_names_wireserver_and_metadata_and_nothing_else() -> None:
    assert (
        "\n".join(platform_chain("nic"))
        == """\
chain platform {
  type filter hook input priority filter;
  iifname != "nic" accept
  ip daddr 168.63.129.16 udp dport 53 accept
  ip daddr 168.63.129.16 tcp dport { 53, 80 } accept
  ip daddr 169.254.169.254 tcp dport 80 accept
  drop
}"""
    )


def test_answers_to_probes_come_in() -> None:
    probed = platform_chain("nic", probed=True)
    assert set(probed) - set(platform_chain("nic")) == {"  ct direction reply accept"}
