"""The published schema of a lab file, and what checking against it finds."""

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from lab.kube.manifest_files import SUPPORTED
from lab.topology.compose import compose
from lab.topology.schema import LAB, Fault, SchemaFile, check, published
from tests.unit.lab.topology.labs import CLOUD, sources

SCHEMAS = [LAB, SchemaFile(package="lab.kube.schema", resource="kubernetes.json")]
OUR_KEYWORDS = {
    "x-wants",
    "x-refused",
    "x-ignored",
    "x-unmodelled",
    "x-refers-to",
    "x-stands-for",
    "x-single",
    "x-lifted",
    "x-joined",
}


def faults(body: str = "", *, cloud: str = CLOUD) -> tuple[Fault, ...]:
    return check(compose(sources(body, cloud=cloud).lab).documents[0])


def subschemas(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
    for below in schema.values() if isinstance(schema, dict) else ():
        yield from subschemas(below)
    for below in schema if isinstance(schema, list) else ():
        yield from subschemas(below)


@pytest.mark.parametrize("source", SCHEMAS, ids=lambda source: source.resource)
def test_a_schema_is_valid_itself(source: SchemaFile) -> None:
    Draft202012Validator.check_schema(published(source))


@pytest.mark.parametrize("source", SCHEMAS, ids=lambda source: source.resource)
def test_a_pattern_comes_with_words_for_what_it_wants(source: SchemaFile) -> None:
    for schema in subschemas(published(source)):
        if isinstance(schema.get("pattern"), str):
            assert schema["x-wants"]
            assert not schema["x-wants"].endswith(".")


@pytest.mark.parametrize("source", SCHEMAS, ids=lambda source: source.resource)
def test_every_object_refuses_what_it_does_not_know(source: SchemaFile) -> None:
    for schema in subschemas(published(source)):
        if "properties" in schema and schema.get("type") == "object":
            assert schema["additionalProperties"] is False


def test_keywords_of_our_own_are_known() -> None:
    """A mistyped one would mean nothing, and nobody would miss it."""
    found = {key for schema in subschemas(published()) for key in schema if key.startswith("x-")}

    assert found <= OUR_KEYWORDS


def test_every_property_is_described_for_editors() -> None:
    schema = published()
    definitions = schema["$defs"]
    for around in subschemas(schema):
        for name, below in around.get("properties", {}).items():
            if isinstance(below, dict) and "$ref" in below:
                below = {**definitions[below["$ref"].removeprefix("#/$defs/")], **below}  # noqa: PLW2901
            assert below.get("description"), name


def test_every_default_that_the_schema_tells_fulfils_it() -> None:
    for schema in subschemas(published()):
        if "default" in schema and "$ref" not in schema:
            assert Draft202012Validator(schema).is_valid(schema["default"])


def test_every_kind_of_object_that_is_taken_has_a_schema() -> None:
    definitions = published(SCHEMAS[1])["$defs"]

    assert set(SUPPORTED) <= set(definitions)


def test_a_good_file_has_no_faults() -> None:
    assert faults("virtualMachines: [{name: vm1, subnet: vnet01/vlan01}]") == ()


def test_every_fault_is_found_not_only_the_first() -> None:
    found = faults("virtualMachines: [{name: a_b, subnet: x, zzz: 1}, {}]")

    assert len(found) == 5


def test_a_misspelt_key_points_at_the_one_that_was_meant() -> None:
    (fault,) = faults("virtualMachines: [{name: a, subnets: a/b}]")

    assert fault.path == ("virtualMachines", 0, "subnet")
    assert not fault.harmless


def test_a_key_that_stands_for_nothing_does_no_harm() -> None:
    (fault,) = faults("virtualMachines: [{name: a, subnet: a/b, zzz: 1}]")

    assert fault.path == ("virtualMachines", 0, "zzz")
    assert fault.harmless


def test_a_line_feed_at_the_end_of_a_name_is_part_of_it() -> None:
    (fault,) = faults('virtualMachines: [{name: "vm1\\n", subnet: a/b}]')

    assert "not of the form" in fault.problem.message


@pytest.mark.parametrize("count", ["2.0", "true", '"2"'])
def test_a_whole_number_is_written_as_one(count: str) -> None:
    pool = f"{{name: p, count: {count}, subnet: a/b}}"

    assert len(faults(f"clusters: [{{name: a, nodePools: [{pool}]}}]")) == 1


@pytest.mark.claim("L2", "B24")
@pytest.mark.parametrize(("length", "accepted"), [(63, True), (64, False)])
def test_names_have_at_most_63_characters(length: int, *, accepted: bool) -> None:
    name = "v" * length
    cloud = CLOUD.replace("vnet01", name).replace("vlan01", name)

    assert (faults(cloud=cloud) == ()) is accepted
