from collections.abc import Iterator
from ipaddress import IPv4Network
from os import close
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from lab.control.config import ControlConfig
from lab.runtime.docker.cloud import control_config, issue_credentials, read_sources

LAB = """\
apiVersion: vnetlab/v1alpha1
kind: Lab
metadata: {name: one}
cloud:
  provider: azure
  virtualNetworks:
    - {name: v, addressPrefixes: [10.0.0.0/16], subnets: [{name: s, addressPrefix: 10.0.0.0/24}]}
clusters:
  - name: c
    networkPlugin: kubenet
    podCidr: 10.244.0.0/16
    serviceCidr: 172.16.1.0/24
    dnsServiceIP: 172.16.1.10
    nodePools: [{name: pool, count: 1, subnet: v/s}]
    manifests: [web.yaml, missing.yaml]
"""


@pytest.fixture
def volumes(tmp_path: Path) -> Path:
    for node in ("node1", "vm1"):
        (tmp_path / node).mkdir()
    return tmp_path


def common_name(certificate: Path) -> object:
    subject = x509.load_pem_x509_certificate(certificate.read_bytes()).subject
    return subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value


def test_every_node_with_a_volume_gets_a_certificate_of_its_name(volumes: Path) -> None:
    issue_credentials(volumes, lab="one")
    for node in ("node1", "vm1"):
        assert common_name(volumes / node / "certificate.pem") == node
        assert (volumes / node / "key.pem").stat().st_mode & 0o777 == 0o400


def test_the_cloud_process_gets_its_own(volumes: Path) -> None:
    credentials = issue_credentials(volumes, lab="one")
    assert common_name(credentials.certificate) == "cloud"
    assert credentials.authority.read_bytes() == (volumes / "vm1" / "authority.pem").read_bytes()


def test_a_second_start_issues_nothing_anew(volumes: Path) -> None:
    """Nodes that run already hold the certificates of the first."""
    issue_credentials(volumes, lab="one")
    before = {path: path.read_bytes() for path in volumes.rglob("*.pem")}
    issue_credentials(volumes, lab="one")
    assert {path: path.read_bytes() for path in volumes.rglob("*.pem")} == before


def test_a_node_that_came_later_is_issued_one_by_the_same_authority(volumes: Path) -> None:
    issue_credentials(volumes, lab="one")
    (volumes / "vm2").mkdir()
    issue_credentials(volumes, lab="one")
    later = (volumes / "vm2" / "authority.pem").read_bytes()
    assert later == (volumes / "vm1" / "authority.pem").read_bytes()


def test_what_was_half_written_is_written_again(volumes: Path) -> None:
    """The key is written last, so a volume without it is not complete."""
    (volumes / "vm1" / "certificate.pem").write_text("half")
    issue_credentials(volumes, lab="one")
    assert common_name(volumes / "vm1" / "certificate.pem") == "vm1"


def test_manifests_are_read_from_beside_the_lab_file_and_may_be_missing(tmp_path: Path) -> None:
    """What is missing is a problem that the cloud process tells with file and line."""
    file = tmp_path / "one.lab.yaml"
    file.write_text(LAB)
    (tmp_path / "web.yaml").write_text("kind: Pod")
    assert [name for name, _ in read_sources(file).manifests] == ["web.yaml"]


@pytest.fixture
def delivered() -> Iterator[ControlConfig]:
    config = control_config(
        {"VNETLAB_AGENTS": "198.18.4.2:4788", "VNETLAB_UNDERLAY": "198.18.4.0/22"}
    )
    yield config
    assert config.ready_fd is not None
    close(config.ready_fd)


def test_beside_a_runtime_it_finds_certificates_and_applies_nothing(
    delivered: ControlConfig,
) -> None:
    assert delivered.credentials is not None
    assert delivered.credentials.key == Path("/etc/vnetlab/key.pem")
    assert delivered.apply is None
    assert delivered.agents == "198.18.4.2:4788"
    assert delivered.underlay == IPv4Network("198.18.4.0/22")


def test_alone_it_makes_certificates_and_applies_the_lab_file(volumes: Path) -> None:
    file = volumes / "one.lab.yaml"
    file.write_text(LAB)
    config = control_config(
        {
            "VNETLAB_AGENTS": "198.18.4.2:4788",
            "VNETLAB_UNDERLAY": "198.18.4.0/22",
            "VNETLAB_LAB": "one",
            "VNETLAB_LAB_FILE": str(file),
            "VNETLAB_CREDENTIALS": str(volumes),
            "VNETLAB_STATE_DIR": str(volumes / "labs"),
        }
    )
    assert config.ready_fd is not None
    close(config.ready_fd)
    assert config.apply is not None
    assert config.apply.lab.content == LAB.encode()
    assert config.lab_service == volumes / "labs" / "one" / "cloud.sock"
    assert config.credentials is not None
    assert config.credentials.key.is_relative_to(volumes)
