"""How fast and how big, side by side with what else would do the job.

``python -m benchmarks`` measures every contender in one run, turn by turn, so
that a busy machine is busy for all of them; prints a table; writes every sample
to a JSON file. Figures only: what has to be true is a test and lives in
``tests/``.

    measurement   contenders, samples, bounds                              pure
    report        the table and the JSON document                          pure
    labs          generated lab files                                      pure
    publish       makes a run the one that the README shows
    drivers/      what runs inside a namespace of its own: other tools
    shape, attach, throughput, …   one module per line of the table
"""
