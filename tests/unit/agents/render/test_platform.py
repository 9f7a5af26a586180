"""Who may ask the hypervisor's own services, as text."""

from agents.render.platform import platform_answers, platform_chain


def test_names_wireserver_and_metadata_and_nothing_else() -> None:
    assert (
        "\n".join(platform_chain("nic"))
        == """\
chain platform {
  type filter hook input priority filter;
  iifname "nic" ip daddr 168.63.129.16 udp dport 53 accept
  iifname "nic" ip daddr 168.63.129.16 tcp dport { 53, 80 } accept
  iifname "nic" ip daddr 169.254.169.254 tcp dport 80 accept
  iifname "nic" drop
}"""
    )


def test_services_answer_and_report_no_errors() -> None:
    assert [line.partition("ip saddr ")[2] for line in platform_answers("nic")] == [
        "168.63.129.16 meta l4proto { tcp, udp } accept",
        "169.254.169.254 meta l4proto tcp accept",
    ]
