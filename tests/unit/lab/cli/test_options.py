import click
import pytest

from lab.cli.options import file_option, format_option, lab_option, quiet_option


@click.command(context_settings={"auto_envvar_prefix": "VNETLAB"})
@file_option
@lab_option
@format_option
@quiet_option
def echo(**values: object) -> None:
    click.echo(sorted((name, str(value)) for name, value in values.items()))


def values_of(*arguments: str, capsys: pytest.CaptureFixture[str]) -> str:
    echo.main(list(arguments), standalone_mode=False)
    return capsys.readouterr().out.strip()


def test_short_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert values_of("-t", "a.lab.yaml", "-n", "aks", "-q", capsys=capsys) == str(
        [("file", "a.lab.yaml"), ("lab", "aks"), ("output_format", "table"), ("quiet", "True")]
    )


def test_variables_stand_in_for_options(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("FILE", "b"), ("LAB", "c"), ("FORMAT", "json"), ("QUIET", "1")):
        monkeypatch.setenv(f"VNETLAB_{name}", value)
    assert values_of(capsys=capsys) == str(
        [("file", "b"), ("lab", "c"), ("output_format", "json"), ("quiet", "True")]
    )
