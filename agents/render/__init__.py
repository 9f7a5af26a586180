"""Values into text that a tool or a person of the node reads. Pure.

    nft, ttl            the virtual switch's tables
    iptables, ebtables  the rules of a node's own components, in their language
    transactions        rulesets into what nft and the restore tools read
    hosts               /etc/hosts of pods
    entry               the command line that enters a place

Does not belong here: running any of it (`agents.kernel`), or deciding whether
it has to be run (`agents.plan`).
"""
