"""The `tests:` of a lab file: asked with packets, judged, reported.

    expectations  what ``expect:`` says, as typed values with their defaults
    questions     which probes an expectation needs, and where
    verdict       whether what came back is what was expected
    probing       asks until it holds, or its time is over
    report        what was expected, what was seen, for people
    junit         the same for build servers

All but `probing` is pure. How a probe is made belongs to the agents, and how a
lab is reached to the command line: `probing` gets a way to ask handed in.
"""
