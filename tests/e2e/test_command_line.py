"""The command line against a running lab: what users type, and what their scripts rely on."""

import json
import os
import pty
import re
import select
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.e2e.conftest import DEADLINE, VNETLAB, DeployedLab

NODE0 = "aks-nodepool1-52243381-vmss000000"

TESTS_THAT_HOLD = """\
  - {name: tcp, from: pod/nginx-0, to: pod/nginx-1, expect: {tcp: {port: 80}}}
  - {name: tcp refused, from: pod/nginx-0, to: pod/nginx-1,
      expect: {tcp: {port: 81, result: refused}}}
  - {name: tcp into silence, from: vm/vm1, to: pod/nginx-1,
      expect: {tcp: {port: 80, result: timeout}}}
  - {name: udp, from: vm/vm2, to: vm/vm1, expect: {udp: {port: 7}}}
  - {name: udp refused, from: vm/vm2, to: vm/vm1, expect: {udp: {port: 9, result: refused}}}
  - {name: http refused, from: vm/vm2, to: vm/vm1, expect: {http: {port: 81, result: refused}}}
  - {name: http field, from: pod/nginx-0, to: pod/nginx-1,
      expect: {http: {status: 200, body: {client.address: 10.244.1.2}}}}
  - {name: no server, from: vm/vm1,
      expect: {dns: {name: a.example, server: 10.0.4.200, status: timeout}}}
  - {name: a bare address, from: pod/nginx-0, to: 203.0.113.10, expect: {ping: {}}}
  - name: a connection shows its source at the receiver
    from: pod/nginx-0
    to: vm/vm1
    expect: {tcp: {port: 80}, sourceSeen: nodeIP}
  - name: exactly as many packets as were sent
    from: pod/nginx-0
    to: pod/nginx-1
    expect:
      ping: {count: 2}
      packets:
        - {on: pod/nginx-1, filter: "icmp[icmptype] == icmp-echo", seen: 2}
        - {on: vm/vm1, filter: icmp, seen: 0}
"""

TESTS_THAT_FAIL = """\
  - {name: ttl, within: 0.5, from: pod/nginx-0, to: pod/nginx-1, expect: {ping: {ttl: 64}}}
  - {name: loss, within: 0.5, from: pod/nginx-0, to: pod/nginx-1, expect: {reachable: false}}
  - {name: tcp, within: 0.5, from: pod/nginx-0, to: pod/nginx-1, expect: {tcp: {port: 81}}}
  - {name: udp, within: 0.5, from: vm/vm2, to: vm/vm1, expect: {udp: {port: 9}}}
  - {name: status, within: 0.5, from: vm/vm2, to: vm/vm1, expect: {http: {status: 404}}}
  - {name: field, within: 0.5, from: vm/vm2, to: vm/vm1,
      expect: {http: {body: {client.address: 192.0.2.1}}}}
  - {name: source, within: 0.5, from: pod/nginx-0, to: vm/vm1,
      expect: {http: {}, sourceSeen: podIP}}
  - {name: source of a ping, within: 0.5, from: pod/nginx-0, to: vm/vm1,
      expect: {sourceSeen: podIP}}
  - name: packets
    within: 0.5
    from: pod/nginx-0
    to: pod/nginx-1
    expect: {packets: [{on: pod/nginx-1, filter: icmp, seen: false}]}
"""

TEST_THAT_CAN_NOT_BE_ASKED = """\
  - name: no such interface
    within: 0.5
    from: pod/nginx-0
    to: pod/nginx-1
    expect: {packets: [{on: vm/vm1, interface: eth9, seen: false}]}
"""


def with_tests(lab: DeployedLab, tests: str, name: str) -> Path:
    """The file of `lab` with other tests, beside it."""
    text = lab.file.read_text().partition("tests:\n")[0]
    path = lab.file.with_name(f"{name}.yaml")
    path.write_text(f"{text}tests:\n{tests}")
    return path


def verdicts(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    return {test["name"]: test["verdict"] for test in json.loads(done.stdout)["tests"]}


def test_the_example_holds_what_it_promises(kubenet: DeployedLab, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    done = kubenet.vnetlab("test", "-t", str(kubenet.file), "--junit", str(report))
    assert re.search(r"^9 passed in [\d.]+ s$", done.stdout, re.M)
    suite = ElementTree.parse(report).getroot()[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("9", "0", "0")


def test_every_expectation_can_hold(kubenet: DeployedLab) -> None:
    file = with_tests(kubenet, TESTS_THAT_HOLD, "hold")
    done = kubenet.vnetlab("test", "-t", str(file), "--format", "json", check=False)
    assert set(verdicts(done).values()) == {"passed"}, done.stdout
    assert done.returncode == 0


def test_every_expectation_can_fail(kubenet: DeployedLab) -> None:
    file = with_tests(kubenet, TESTS_THAT_FAIL, "fail")
    done = kubenet.vnetlab("test", "-t", str(file), "--format", "json", check=False)
    assert set(verdicts(done).values()) == {"failed"}, done.stdout
    assert done.returncode == 1


def test_a_capture_that_can_not_run_proves_no_absence(kubenet: DeployedLab) -> None:
    file = with_tests(kubenet, TEST_THAT_CAN_NOT_BE_ASKED, "broken")
    done = kubenet.vnetlab("test", "-t", str(file), "--format", "json", check=False)
    assert verdicts(done) == {"no such interface": "broken"}
    assert "eth9" in json.loads(done.stdout)["tests"][0]["trouble"]
    assert done.returncode == 1


def test_a_failure_shows_the_packets_that_were_not_expected(kubenet: DeployedLab) -> None:
    file = with_tests(kubenet, TESTS_THAT_FAIL, "shown")
    done = kubenet.vnetlab("test", "-t", str(file), "--only", "packets", check=False)
    assert "expected  no packet of 'icmp' on eth0 of pod/nginx-1" in done.stdout
    assert "10.244.1.2 > 10.244.0.6: ICMP echo request" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("target", "hostname"),
    [
        (f"node/{NODE0}", NODE0),
        (NODE0, NODE0),
        ("vm/vm1", "vm1"),
        ("vm1", "vm1"),
        ("internet/internet", "internet"),
        ("pod/nginx-0", "nginx-"),
        ("nginx-0", "nginx-"),
        ("pod/default/nginx-0", "nginx-"),
        ("pod/kube-system/coredns-0", "coredns-"),
    ],
)
def test_every_way_to_name_a_target(kubenet: DeployedLab, target: str, hostname: str) -> None:
    assert kubenet.output(target, "hostname").startswith(hostname)


def test_the_virtual_switch_is_a_target_of_its_own(kubenet: DeployedLab) -> None:
    assert "nic" in kubenet.output("host/vm1", "ip", "-o", "link")
    assert "nic" not in kubenet.output("vm/vm1", "ip", "-o", "link")


@pytest.mark.parametrize("code", [0, 1, 42, 255])
def test_the_exit_code_is_the_commands_own(kubenet: DeployedLab, code: int) -> None:
    done = kubenet.execute("pod/nginx-0", "sh", "-c", f"exit {code}", check=False)
    assert done.returncode == code


def test_a_command_that_is_not_there_counts_as_in_a_shell(kubenet: DeployedLab) -> None:
    assert kubenet.execute("vm1", "no-such-command", check=False).returncode == 127


def test_a_signal_counts_as_in_a_shell(kubenet: DeployedLab) -> None:
    done = kubenet.execute("vm1", "sh", "-c", "kill -TERM $$", check=False)
    assert done.returncode == 128 + signal.SIGTERM


def test_stdin_stdout_and_stderr_are_passed_through_byte_for_byte(kubenet: DeployedLab) -> None:
    sent = os.urandom(1 << 20)
    done = subprocess.run(
        [*VNETLAB, "exec", "-n", kubenet.name, "pod/nginx-0", "--", "sh", "-c", "cat; echo no >&2"],
        env=kubenet.environment,
        input=sent,
        capture_output=True,
        timeout=DEADLINE,
        check=True,
    )
    assert done.stdout == sent
    assert done.stderr == b"no\n"


@contextmanager
def on_a_terminal(lab: DeployedLab, *arguments: str) -> Iterator[tuple[int, int]]:
    """A command line on a terminal of its own: its process and the terminal's other end."""
    process, terminal = pty.fork()
    if process == 0:
        os.execve(VNETLAB[0], [*VNETLAB, *arguments], lab.environment)
    try:
        yield process, terminal
    finally:
        os.close(terminal)
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)


def read_until(terminal: int, text: str) -> str:
    """What is printed up to and with `text`."""
    printed = ""
    while text not in printed:
        ready, _, _ = select.select([terminal], [], [], DEADLINE)
        assert ready, f"{text!r} never came; printed: {printed!r}"
        try:
            printed += os.read(terminal, 1 << 16).decode(errors="replace")
        except OSError:  # the other end has closed
            break
    assert text in printed, printed
    return printed


def test_a_terminal_is_the_commands_own(kubenet: DeployedLab) -> None:
    words = ("exec", "-n", kubenet.name, "pod/nginx-0", "--", "bash", "--norc")
    with on_a_terminal(kubenet, *words) as (process, terminal):
        # Typed before the prompt, it may be thrown away, as ssh and docker do.
        read_until(terminal, "# ")
        os.write(terminal, b"test -t 0 && echo it-is-a-terminal-$((40 + 2))\n")
        read_until(terminal, "it-is-a-terminal-42")
        os.write(terminal, b"exit 5\n")
        with suppress(OSError):
            while os.read(terminal, 1 << 16):
                pass
        _, status = os.waitpid(process, 0)
    assert os.waitstatus_to_exitcode(status) == 5


def test_an_interrupt_typed_on_a_terminal_reaches_the_command(kubenet: DeployedLab) -> None:
    script = "trap 'echo interrupted-inside; exit 9' INT; echo ready; while :; do sleep 1; done"
    words = ("exec", "-n", kubenet.name, "vm1", "--", "sh", "-c", script)
    with on_a_terminal(kubenet, *words) as (process, terminal):
        read_until(terminal, "ready")
        os.write(terminal, b"\x03")
        read_until(terminal, "interrupted-inside")
        _, status = os.waitpid(process, 0)
    assert os.waitstatus_to_exitcode(status) == 9


def test_a_second_deploy_says_that_nothing_changes(kubenet: DeployedLab) -> None:
    assert f"{kubenet.name}: nothing to change (5 machines, 13 pods, " in kubenet.deploy()


def test_a_name_belongs_to_one_file(kubenet: DeployedLab, tmp_path: Path) -> None:
    other = tmp_path / "other.lab.yaml"
    other.write_text(kubenet.file.read_text().replace("manifests: [nginx.yaml]", "manifests: []"))
    other.write_text(other.read_text().partition("tests:\n")[0])
    before = kubenet.inspect("pods")
    done = kubenet.vnetlab("deploy", "-t", str(other), check=False)
    assert done.returncode == 2
    assert re.search(rf'other\.lab\.yaml:\d+: the name "{kubenet.name}" is in use', done.stderr)
    assert f"deployed from {kubenet.file}" in done.stderr
    assert kubenet.inspect("pods") == before


def test_a_name_belongs_to_one_runtime(kubenet: DeployedLab) -> None:
    other = {"native": "docker", "docker": "native"}[kubenet.runtime]
    done = kubenet.vnetlab("deploy", "-t", str(kubenet.file), "--runtime", other, check=False)
    assert done.returncode == 2
    assert f"it runs on the {kubenet.runtime} runtime" in done.stderr


def test_a_file_that_became_wrong_leaves_the_lab_alone(kubenet: DeployedLab) -> None:
    good = kubenet.file.read_text()
    before = kubenet.inspect("nodes")
    kubenet.file.write_text(good.replace("podCidr: 10.244.0.0/16", "podCidr: 10.244.0.0/33"))
    try:
        done = kubenet.vnetlab("deploy", "-t", str(kubenet.file), check=False)
    finally:
        kubenet.file.write_text(good)
    assert done.returncode == 2
    assert re.search(r"aks-kubenet\.lab\.yaml:\d+: .*10\.244\.0\.0/33", done.stderr)
    assert kubenet.inspect("nodes") == before


@pytest.mark.claim("B19")
def test_what_aks_settles_at_creation_is_not_changed_in_place(kubenet: DeployedLab) -> None:
    good = kubenet.file.read_text()
    before = kubenet.inspect("nodes")
    kubenet.file.write_text(good.replace("podCidr: 10.244.0.0/16", "podCidr: 10.244.0.0/15"))
    try:
        done = kubenet.vnetlab("deploy", "-t", str(kubenet.file), check=False)
    finally:
        kubenet.file.write_text(good)
    assert done.returncode == 2
    assert re.search(r"aks-kubenet\.lab\.yaml:\d+: .*PropertyChangeNotAllowed", done.stderr)
    assert "destroy the lab first" in done.stderr
    assert kubenet.inspect("nodes") == before
    assert "nothing to change" in kubenet.deploy()


def test_that_kubenet_is_retired_is_told_and_changes_no_exit_code(kubenet: DeployedLab) -> None:
    done = kubenet.vnetlab("deploy", "-t", str(kubenet.file))
    assert re.search(
        r"warning: .*networkPlugin kubenet, which AKS retires on 31 March", done.stderr
    )
    assert done.returncode == 0


def test_a_deploy_that_is_interrupted_is_completed_by_the_next(kubenet: DeployedLab) -> None:
    good = kubenet.file.read_text()
    kubenet.file.write_text(good.replace("count: 2", "count: 3").replace("[1, 0]", "[1, 0, 2]"))
    words = ["deploy", "-t", str(kubenet.file), "--runtime", kubenet.runtime]
    try:
        with subprocess.Popen(
            [*VNETLAB, *words], env=kubenet.environment, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stderr is not None
            for line in process.stderr:
                if line.startswith("revision"):
                    break
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=DEADLINE)
        assert process.returncode in {0, 130}
        assert "Traceback" not in said
        kubenet.deploy()
        assert {row["status"] for row in kubenet.inspect("nodes")} == {"Ready"}
        assert len(kubenet.inspect("nodes")) == 6
    finally:
        kubenet.file.write_text(good)
        kubenet.deploy()
    assert len(kubenet.inspect("nodes")) == 5


def test_targets_are_completed_while_typing(kubenet: DeployedLab) -> None:
    environment = kubenet.environment | {
        "_VNETLAB_COMPLETE": "bash_complete",
        "COMP_WORDS": f"vnetlab exec -n {kubenet.name} pod/ng",
        "COMP_CWORD": "4",
    }
    done = subprocess.run(
        [*VNETLAB], env=environment, capture_output=True, text=True, timeout=DEADLINE, check=False
    )
    assert set(done.stdout.split()) == {f"plain,pod/nginx-{number}" for number in range(3)}


def test_labs_are_listed(kubenet: DeployedLab) -> None:
    rows = json.loads(kubenet.vnetlab("list", "--format", "json").stdout)
    ours = [row for row in rows if row["name"] == kubenet.name]
    assert [(row["runtime"], row["status"]) for row in ours] == [(kubenet.runtime, "running")]


def test_routes_of_a_machine_are_those_of_its_subnet(kubenet: DeployedLab) -> None:
    of_vm2 = {row["address_prefix"] for row in kubenet.inspect("routes", "--nic", "vm2")}
    of_vm1 = {row["address_prefix"] for row in kubenet.inspect("routes", "--nic", "vm1")}
    assert of_vm2 - of_vm1 == {"10.244.0.0/24", "10.244.1.0/24"}
