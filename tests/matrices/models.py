"""The entries of ``models.toml``."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "models.toml"

Value = int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A network model, as a column of the tables."""

    name: str
    cluster: Mapping[str, Any]
    """Properties of the cluster in the lab file."""
    pool: Mapping[str, Any]
    """Properties of its node pool."""
    tables: Mapping[str, Mapping[str, Value]]
    """By table, what has to be seen, by row. A row that is missing is not asked."""


def models() -> tuple[Model, ...]:
    """All models, in the order of the file."""
    document = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return tuple(
        Model(
            name=name,
            cluster=entry.pop("cluster"),
            pool=entry.pop("pool", {}),
            tables=entry,
        )
        for name, entry in document.items()
    )
