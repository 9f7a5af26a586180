from lab.runtime.native.features import FEATURES, reasons_by_line

NAMES = ("veth", "bridge", "vxlan gpe")


def test_everything_works_when_ip_says_nothing() -> None:
    assert reasons_by_line(NAMES, "") == dict.fromkeys(NAMES, "")


def test_a_reason_belongs_to_the_line_that_is_named_after_it() -> None:
    printed = (
        "Error: Unknown device type.\nCommand failed -:2\n"
        "RTNETLINK answers: Operation not supported\nCommand failed -:3\n"
    )

    assert reasons_by_line(NAMES, printed) == {
        "veth": "",
        "bridge": "Error: Unknown device type.",
        "vxlan gpe": "RTNETLINK answers: Operation not supported",
    }


def test_what_names_no_line_concerns_all() -> None:
    assert reasons_by_line(NAMES, "ip is not installed") == dict.fromkeys(
        NAMES, "ip is not installed"
    )


def test_every_feature_says_what_it_is_for_and_which_option_brings_it() -> None:
    assert len({feature.name for feature in FEATURES}) == len(FEATURES)
    assert all(feature.needed_for and feature.text for feature in FEATURES)
    assert all(feature.option.startswith("CONFIG_") for feature in FEATURES)
