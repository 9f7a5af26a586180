"""Values into text that a tool or a person of the node reads. Pure.

    nft, platform       the virtual switch's tables
    balanced            what a load balancer's member adds to them
    edge, leases        the table of a switch without a guest
    balancing           how a load balancer's edge spreads flows
    iptables, ebtables  the rules of a node's own components, in their language
    kube_proxy          those of kube-proxy: Services inside of the cluster
    kube_proxy_external the same for node ports and load balancers
    kube_proxy_names    what chains are called, and the words of their rules
    transactions        rulesets into what nft and the restore tools read
    hosts               /etc/hosts of pods
    entry               the command line that enters a place

Does not belong here: running any of it (`agents.kernel`), or deciding whether
it has to be run (`agents.plan`).
"""
