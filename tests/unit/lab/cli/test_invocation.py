import ast
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence

import click
import pytest

from lab.cli.invocation import VERBS, vnetlab

# click's own: they are answered before any environment is looked at.
WITHOUT_VARIABLE = {"--help"}


def commands() -> dict[str, click.Command]:
    context = click.Context(vnetlab)
    found = {name: vnetlab.get_command(context, name) for name in VERBS}
    return {name: command for name, command in found.items() if command is not None}


def options() -> Iterator[tuple[str, click.Option]]:
    for verb, command in commands().items():
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                yield verb, parameter


def test_every_verb_has_a_command_of_its_name() -> None:
    assert {name: command.name for name, command in commands().items()} == {
        name: name for name in VERBS
    }


@pytest.mark.parametrize(
    ("alias", "verb"), [("up", "deploy"), ("apply", "deploy"), ("down", "destroy"), ("ls", "list")]
)
def test_an_alias_is_the_verb(alias: str, verb: str) -> None:
    assert vnetlab.get_command(click.Context(vnetlab), alias) is commands()[verb]


def test_no_name_is_used_twice() -> None:
    names = [name for verb, entry in VERBS.items() for name in (verb, *entry.aliases)]
    assert len(names) == len(set(names))


def test_every_option_is_an_environment_variable_named_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for verb, option in options():
        long = next(name for name in option.opts if name.startswith("--"))
        if long in WITHOUT_VARIABLE:
            continue
        variable = "VNETLAB_" + long.removeprefix("--").replace("-", "_").upper()
        with monkeypatch.context() as patch:
            patch.setenv(variable, "1")
            context = click.Context(commands()[verb], auto_envvar_prefix="VNETLAB")
            assert option.resolve_envvar_value(context) == "1", f"{verb} {long} ignores {variable}"


def test_every_option_is_explained() -> None:
    assert [f"{verb} {option.opts}" for verb, option in options() if not option.help] == []


def test_every_verb_but_the_plainest_shows_examples() -> None:
    without = [
        name for name, command in commands().items() if "Examples" not in (command.epilog or "")
    ]
    assert without == ["version"]


def test_an_unknown_verb_is_refused(vnetlab) -> None:  # type: ignore[no-untyped-def]
    printed = vnetlab("deplyo")
    assert printed.exit_code == 2
    assert "No such command 'deplyo'" in printed.err


@pytest.mark.parametrize("verb", [None, *VERBS])
def test_help_fits_80_columns_and_is_reviewed(verb, vnetlab, snapshot) -> None:  # type: ignore[no-untyped-def]
    printed = vnetlab(*([verb] if verb else []), "-h")
    assert printed.exit_code == 0
    assert [line for line in printed.out.splitlines() if len(line) > 80] == []
    snapshot(f"help-{verb}" if verb else "help", printed.out)


def test_help_loads_nothing_that_takes_time() -> None:
    """`vnetlab --help` is there before one notices: no gRPC, rich, YAML, asyncio or Docker."""
    heavy = (
        "grpc",
        "google.protobuf",
        "rich",
        "yaml",
        "asyncio",
        "docker",
        "jsonschema",
        "lab.topology",
    )
    assert loaded("from lab.cli.main import run; run(['--help'])", heavy) == []


def test_who_asks_a_lab_that_runs_loads_nothing_of_what_runs_it() -> None:
    """`vnetlab exec` and `inspect` are typed all day."""
    heavy = ("agents.main", "lab.control", "lab.compile", "lab.topology.load", "jsonschema")
    asking = "import lab.runtime.native.provider, lab.cli.service, lab.cli.verbs.execute"
    assert loaded(asking, heavy) == []


def loaded(program: str, modules: Sequence[str]) -> list[str]:
    """Those of `modules` that a process has loaded that has run `program`."""
    report = f"print([name for name in {modules!r} if name in sys.modules], file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {program}; {report}"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    return list(ast.literal_eval(done.stderr))
