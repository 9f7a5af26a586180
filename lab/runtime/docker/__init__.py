"""The docker runtime: one container per host, through the Docker API.

    image_source   which files the image is made of
    images         the image is there and is of these files
    labels         how everything that belongs to a lab is marked and found
    certificates   the lab's authority and what it issues
    network        the underlay: an internal network with a range of its own
    containers     what a container has to be, as values
    engine         the only door to the Docker API
    execution      a command inside a container, with a terminal
    provider       `lab.runtime.provider.Runtime` on top of these
    cloud          what runs in the cloud container
    compose        the shipped lab as a compose file

State lives in labels, never in a file beside the engine: what has no label of a
lab is not touched, and what has one is found again after any interruption. What
happens inside a node belongs to `agents` and to images/node-entrypoint.
"""
