"""A page: its template, and what a run fills in."""

import textwrap
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.cli.route_tables import subnet_of
from tests.matrices.models import Model, models
from tests.pages.deciding import Decision
from tests.pages.ground import next_hop
from tests.pages.names import WIDTH, folded
from tests.pages.places import PLACES
from tests.pages.walks import Recording, Stay, Walk

FILE = Path(__file__).parent / "pages.toml"
TEMPLATE = Path(__file__).parent / "template.md"
FOLDER = Path(__file__).parents[2] / "docs" / "models"
MARGIN = 11
"""Columns in front of what decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a person wrote about a model."""

    name: str
    model: Model
    title: str
    words: Mapping[str, str]
    """By placeholder of the template or column of the overview."""
    commands: Mapping[str, Sequence[str]]
    """By place, what shows how the node is built."""

    @property
    def file(self) -> Path:
        return FOLDER / f"{self.name}.md"

    @property
    def questions(self) -> Sequence[tuple[str, str]]:
        return [(place, command) for place, asked in self.commands.items() for command in asked]


def pages() -> tuple[Page, ...]:
    """All pages, in the order of the file."""
    by_name = {model.name: model for model in models()}
    document: dict[str, Any] = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return tuple(
        Page(
            name=name,
            model=by_name[entry.pop("model")],
            title=entry.pop("title"),
            commands=entry.pop("commands"),
            words=entry,
        )
        for name, entry in document.items()
    )


def written(page: Page, run: Recording) -> str:
    """The page."""
    addresses = {
        place.replace(" ", "_"): address for place, address in run.ground.addresses.items()
    }
    filled = {
        **{name: paragraph(words) for name, words in page.words.items()},
        "title": page.title,
        "cluster": "\n".join(_properties(page.model)),
        "picture": page.words["picture"].format(**addresses).rstrip(),
        "node": _asked(page, run),
        "routes": "\n".join(_effective_routes(run)),
    }
    for name, walk in run.walks.items():
        filled[f"{name}_there"] = _way(walk.there, run)
        filled[f"{name}_back"] = _back(walk, run, in_full=name == "machine")
    return TEMPLATE.read_text(encoding="utf-8").format(**filled)


def paragraph(words: str, indent: str = "") -> str:
    """Prose in lines of a page's width; all but the first are indented."""
    return textwrap.fill(
        " ".join(words.split()),
        WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _effective_routes(run: Recording) -> Iterator[str]:
    """Those of the subnet that the nodes are in."""
    for row in run.ground.routes:
        if subnet_of(row) == "vnet/nodes" and row["state"] == "Active":
            yield f"{row['address_prefix']:<17}{next_hop(row)}"


def _properties(model: Model) -> Iterator[str]:
    """What the model is in a lab file."""
    yield "clusters:"
    yield "  - name: aks"
    yield from (f"    {key}: {value}" for key, value in model.cluster.items())
    if model.pool:
        yield "    nodePools:"
        yield "      - name: pool"
        yield from (f"        {key}: {value}" for key, value in model.pool.items())


def _asked(page: Page, run: Recording) -> str:
    blocks = []
    for place, commands in page.commands.items():
        lines = []
        for command in commands:
            printed = run.ground.names.text(run.asked[place, command])
            lines += [f"$ {command}", *printed.splitlines(), ""]
        shown = "\n".join(folded(line) for line in lines[:-1])
        blocks.append(f"`vnetlab exec {PLACES[place]}`:\n\n```\n{shown}\n```")
    return "\n\n".join(blocks)


def _way(stays: Sequence[Stay], run: Recording) -> str:
    return "\n".join(["```", *(line for stay in stays for line in _stay(stay, run)), "```"])


def _stay(stay: Stay, run: Recording) -> Iterator[str]:
    """Where it comes in, what decides, where it leaves; what begins here has no first part."""
    came = [each for each in stay.visit if not each.outward]
    left = [each for each in stay.visit if each.outward]
    place = stay.visit[0].place
    if not came:
        yield f"{place:<{MARGIN}}sends"
        place = ""
    for sightings, decided in ((came, stay.decided), (left, ())):
        for each in sightings:
            device = run.ground.names.device(each.device)
            way = "out" if each.outward else "in"
            ends = f"{each.source} > {each.destination}"
            yield f"{place:<{MARGIN}}{device:<11} {way:<4} ttl {each.ttl}  {ends}"
            place = ""
        yield from (line for each in decided for line in _decision(each, run))


def _decision(decision: Decision, run: Recording) -> Iterator[str]:
    kind, words = decision
    line = f"  {kind:<{MARGIN - 2}}{run.ground.names.text(words)}"
    yield from folded(line, indent=MARGIN + 2).splitlines()


def _back(walk: Walk, run: Recording, *, in_full: bool) -> str:
    """In full where asked for, or where the reply doesn't retrace the steps of the request."""
    there, back = (
        [(each.place, each.device) for stay in way for each in stay.visit]
        for way in (walk.there, walk.back)
    )
    if there == back[::-1] and not in_full:
        return (
            "The reply passes the same devices the other way round and arrives with TTL "
            f"{walk.printed},\nwhich is what `ping` prints."
        )
    return (
        f"The way back:\n\n{_way(walk.back, run)}\n\n"
        f"The reply arrives with TTL {walk.printed}, which is what `ping` prints."
    )
