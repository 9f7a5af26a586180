"""A page for readers of each network model, written from a run (``docs/models``).

``python -m tests.pages`` deploys the lab of each model of `tests.matrices`, sends one ping
after the other while every place on the way captures, and writes what was seen, with the
route or rule that decided at each hop. What only a person can say, the lines about a
model and its picture, is in ``pages.toml``; every figure beside it comes from the run.
``tests/e2e/test_matrices.py`` writes each page anew and compares it with the file, so no
page can say what is no longer so.

places    where a lab is looked into, and a shell that stays open in each
capture   what tcpdump printed, as sightings of a packet
walks     pings, their sightings, and the counters that moved meanwhile
deciding  what decided at a hop: routes, bridges, rules
names     what is different in every run gets a name
writing   a page, from its template and a recording
overview  the tables that compare the models
"""
