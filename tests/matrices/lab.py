"""The lab of a model: the base lab with what the model's cluster has, and a test per check."""

from pathlib import Path
from typing import Any

import yaml

from tests.matrices.models import Model
from tests.matrices.tables import cells

BASE = Path(__file__).parent / "base.lab.yaml"
PODS = Path(__file__).parent / "pods.yaml"


def lab_name(model: Model) -> str:
    return f"matrix-{model.name}"


def lab_text(model: Model) -> str:
    """The lab file."""
    document: dict[str, Any] = yaml.safe_load(BASE.read_text(encoding="utf-8"))
    document["metadata"]["name"] = lab_name(model)
    (cluster,) = document["clusters"]
    cluster.update(model.cluster)
    cluster["nodePools"][0].update(model.pool)
    document["tests"] = [
        {"name": name, **check} for cell in cells(model) for name, check in cell.checks.items()
    ]
    return yaml.safe_dump(document, sort_keys=False)


def write_lab(model: Model, folder: Path) -> Path:
    """The lab file and its manifest in `folder`; where the lab file is."""
    (folder / PODS.name).write_bytes(PODS.read_bytes())
    file = folder / f"{model.name}.lab.yaml"
    file.write_text(lab_text(model), encoding="utf-8")
    return file
