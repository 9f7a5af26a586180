"""The lab file: from text to a validated, frozen model.

    load       the front door
    compose    bytes → values with line numbers (`syntax`, `scalars`, `document`)
    az         the form in which ``az … -o json`` prints resources → the short form
    schema     keys, types, forms: the published JSON Schema and its messages
    usable     what is left when the broken parts are taken out
    build      values → model (`entry`, `defaults`, `names`)
    validate   what cannot be, although it is well formed: one module per noun

Pure: text comes in as values (`sources`), problems go out as values (`problems`).
How a cloud or Kubernetes behaves does not belong here, nor does reading files.
"""
