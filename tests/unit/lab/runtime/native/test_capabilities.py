import pytest

from lab.runtime.native.capabilities import RESTRICTIONS, TOOLS, kernel_capability


@pytest.mark.parametrize(
    ("release", "present"),
    [
        ("5.11.22-generic", False),
        ("5.12.0", True),
        ("5.9.1", False),
        ("6.1.0-18-amd64", True),
        ("10.0", True),
    ],
)
def test_a_kernel_is_new_enough_by_its_numbers_not_its_digits(
    release: str, *, present: bool
) -> None:
    assert kernel_capability(release).present is present


def test_every_tool_says_which_package_brings_it_and_what_for() -> None:
    assert len({tool.name for tool in TOOLS}) == len(TOOLS)
    assert all(tool.package and tool.needed_for for tool in TOOLS)


def test_a_restriction_is_lifted_by_another_value_than_the_one_that_forbids() -> None:
    assert all(entry.forbidding != entry.permitting for entry in RESTRICTIONS)
