"""Which claims of the source documents a test proves.

`register.toml` numbers the claims; a test carries ``@pytest.mark.claim("A17")``;
`not_yet_covered.txt` lists the numbers that no test carries yet. ``python -m
tests.claims`` prints the figure. The tests that prove claims are elsewhere,
mostly in ``tests/e2e``.
"""
