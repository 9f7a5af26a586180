"""The files that make up a lab, as values: what was read, not how.

The command line and the cloud process read files; everything after that sees
only this.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file as the user named it, with its bytes."""

    path: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LabSources:
    """A lab file and every manifest that it names.

    `manifests` maps the path as written in the lab file to the file; a path
    whose file could not be read is absent.
    """

    lab: SourceFile
    manifests: tuple[tuple[str, SourceFile], ...] = ()

    def manifest(self, path: str) -> SourceFile | None:
        """The manifest that the lab file calls `path`, or None when there is none."""
        return next((file for name, file in self.manifests if name == path), None)
