"""The files of a lab as values."""

from lab.topology.sources import LabSources, SourceFile


def test_a_manifest_is_found_by_the_path_in_the_lab_file() -> None:
    manifest = SourceFile(path="examples/nginx.yaml", content=b"")
    sources = LabSources(
        lab=SourceFile(path="examples/a.lab.yaml", content=b""),
        manifests=(("nginx.yaml", manifest),),
    )

    assert sources.manifest("nginx.yaml") is manifest
    assert sources.manifest("examples/nginx.yaml") is None
