"""One module per verb, each with a click command called ``command``.

A verb reads its options, asks the packages below, and prints. What two verbs
share lives in `lab.cli`; a verb never imports another.
"""
