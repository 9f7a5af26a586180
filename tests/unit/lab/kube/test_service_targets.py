"""Services as targets of tests."""

import pytest

from lab.kube.service_targets import matching, names_service

KNOWN = [("default", "web"), ("front", "web"), ("kube-system", "kube-dns")]


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("service/web", [("default", "web")]),
        ("service/front/web", [("front", "web")]),
        ("service/kube-dns", [("kube-system", "kube-dns")]),
        ("service/default/kube-dns", []),
        ("service/other", []),
    ],
)
def test_default_comes_first_and_a_namespace_decides(
    target: str, found: list[tuple[str, str]]
) -> None:
    assert matching(target, KNOWN) == found


def test_only_its_prefix_makes_a_target_a_service() -> None:
    assert names_service("service/web")
    assert not names_service("web")
    assert not names_service("pod/service/web")
