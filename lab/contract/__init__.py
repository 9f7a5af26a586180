"""What the cloud process and its agents agree on: values, codec, generated wire code.

The only package of `lab` that `agents` may import. It holds frozen values and
their translation to and from the wire: a state as a whole (`codec`), and in the parts that
hosts have in common (`state_parts`). No behaviour of a cloud or of a kernel.
"""
