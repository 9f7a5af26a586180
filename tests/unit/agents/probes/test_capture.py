"""Parsed from what tcpdump 4.99 printed."""

from agents.probes.capture import KEPT_PACKETS, command_of, result_of
from lab.contract.v1.agent_pb2 import CaptureProbe

ENDED = """\
tcpdump: verbose output suppressed, use -v[v]... for full protocol decode
listening on eth0, link-type EN10MB (Ethernet), snapshot length 262144 bytes
2 packets captured
4 packets received by filter
0 packets dropped by kernel
"""


def test_packets_are_tcpdumps_lines() -> None:
    lines = ["08:15:56.198838 IP 10.244.1.3 > 10.244.0.6: ICMP echo request"]
    assert list(result_of(lines, ENDED).packets) == lines


def test_the_kernels_count_proves_what_tcpdump_had_no_time_to_print() -> None:
    assert result_of([], ENDED).matched == 4


def test_nothing_matched() -> None:
    silent = ENDED.replace("2 packets", "0 packets").replace("4 packets", "0 packets")
    assert result_of([], silent).matched == 0


def test_one_packet_is_spelt_without_plural() -> None:
    assert result_of([], ENDED.replace("4 packets received", "1 packet received")).matched == 1


def test_a_killed_tcpdump_counts_what_it_printed() -> None:
    assert result_of(["a", "b"], "listening on eth0").matched == 2


def test_a_long_capture_is_cut_but_counted() -> None:
    result = result_of(["packet"] * (KEPT_PACKETS + 1), "listening on eth0")
    assert len(result.packets) == KEPT_PACKETS
    assert result.matched == KEPT_PACKETS + 1


def test_packets_are_handed_over_at_once_and_never_renamed() -> None:
    command = command_of(CaptureProbe(interface="eth0", filter="icmp or arp", count=2))
    assert {"--immediate-mode", "-l", "-U", "-nn"} <= set(command)
    assert command[-5:] == ["2", "-i", "eth0", "--", "icmp or arp"]


def test_a_burst_finds_room_in_the_ring() -> None:
    """In immediate mode tcpdump's 2 MiB hold as many packets as snapshots fit in."""
    command = command_of(CaptureProbe())
    assert int(command[command.index("-s") + 1]) * 1000 < 2 << 20


def test_without_an_interface_all_are_watched() -> None:
    command = command_of(CaptureProbe(filter="icmp"))
    assert command[command.index("-i") + 1] == "any"
    assert "-c" not in command
