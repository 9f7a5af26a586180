"""What runs inside a namespace of its own: other tools, and ours beside them.

Each prints its samples as one JSON object. Nothing here is imported: Mininet's
driver belongs to the system's Python, the others start as processes too.
"""
