"""Questions that are answered with a packet, asked from inside a place of this host.

One module per probe: what is run (`ping`, `dig`, `curl`, `tcpdump` or a socket
of the place's own) and what its outcome means on the wire. `runner` picks the
module and sees to it that a probe ends with its deadline or its asker.

Whether an outcome is good does not belong here: a probe reports, the asker
judges. Nor does anything that changes a host.
"""
