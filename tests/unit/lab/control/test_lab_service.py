from urllib.parse import quote

from lab.control.lab_service import LONGEST_DETAILS, fitting


def test_a_text_that_fits_is_left_alone() -> None:
    text = "a.lab.yaml:3: wrong\n    mend it"

    assert fitting(text) == text


def test_a_text_that_is_too_long_for_grpc_ends_with_how_much_is_missing() -> None:
    """An error beyond gRPC's metadata limit would arrive as another error altogether."""
    text = "\n".join(f"a.lab.yaml:{line}: überall Unfug" for line in range(1000))

    said = fitting(text)

    *kept, last = said.splitlines()
    assert last == f"… and {1000 - len(kept)} more lines"
    assert text.startswith("\n".join(kept))
    assert len(quote(said)) < LONGEST_DETAILS + 200
