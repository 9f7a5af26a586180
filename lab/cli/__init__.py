"""The command line: what a user types, and what a user reads.

    main, invocation   the entry point, the verbs and their aliases
    verbs              one module per verb
    options, selection which lab, which file, which format
    sources            the only reader of lab files and manifests
    runtimes           which runtimes there are, and which labs run
    service, asking    the cloud process, as verbs and as tests reach it
    rows, tables       what is shown: as values, as columns
    progress           a live display on a terminal, plain lines otherwise
    errors             every foreseeable failure in words, and its exit code
    completion         what the shell offers while typing

Thin: it reads, asks, prints. What a lab means, how a machine is made and
whether a test passes is decided elsewhere. Modules import what they need when
they need it, so that help and completion come at once.
"""
