"""The files of a lab as they travel, and back: `LabSources` and `ApplyRequest`."""

from lab.contract.v1 import lab_pb2
from lab.topology.sources import LabSources, SourceFile


def to_request(
    sources: LabSources, *, origin: str = "", deadline: float = 0
) -> lab_pb2.ApplyRequest:
    """The request to apply `sources`; `origin` and `deadline` as the contract has them."""
    return lab_pb2.ApplyRequest(
        lab=lab_pb2.SourceFile(path=sources.lab.path, content=sources.lab.content),
        manifests=[
            lab_pb2.SourceFile(path=file.path, content=file.content, reference=reference)
            for reference, file in sources.manifests
        ],
        origin=origin,
        deadline=deadline,
    )


def from_request(request: lab_pb2.ApplyRequest) -> LabSources:
    """The files of `request`."""
    return LabSources(
        lab=_file(request.lab),
        manifests=tuple((file.reference or file.path, _file(file)) for file in request.manifests),
    )


def _file(file: lab_pb2.SourceFile) -> SourceFile:
    return SourceFile(path=file.path, content=file.content)
