from lab.control.requests import from_request, to_request
from lab.topology.sources import LabSources, SourceFile


def test_files_survive_the_way_with_both_their_names() -> None:
    """A manifest is found by the path in the lab file, and shown under the user's."""
    sources = LabSources(
        lab=SourceFile(path="labs/a.lab.yaml", content=b"lab"),
        manifests=(("nginx.yaml", SourceFile(path="labs/nginx.yaml", content=b"pods")),),
    )

    request = to_request(sources, origin="/home/me/labs/a.lab.yaml", deadline=3)

    assert from_request(type(request).FromString(request.SerializeToString())) == sources
    assert request.origin == "/home/me/labs/a.lab.yaml"
    assert request.deadline == 3


def test_a_manifest_without_a_reference_goes_by_its_path() -> None:
    request = to_request(LabSources(lab=SourceFile(path="a", content=b"")))
    request.manifests.add(path="nginx.yaml", content=b"pods")

    assert from_request(request).manifest("nginx.yaml") is not None
