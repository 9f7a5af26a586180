"""The lab file: from text to a validated, frozen model.

`load` reads YAML and keeps line numbers, `schema` checks the shape, `defaults`
fills in what was left out, `validate` finds what cannot be. Pure: text comes in
as values (`sources`), problems go out as values (`problems`). How a cloud or
Kubernetes behaves does not belong here.
"""
