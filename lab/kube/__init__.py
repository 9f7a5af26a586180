"""How Kubernetes behaves: objects, which pods they ask for, where these run, what they get.

`manifests` are the values that manifest files become (by way of `objects`);
`instances` the pods that follow from them; `scheduling`, `ipam` and `resolv_conf`
say where a pod runs and what it is given; `system_pods` what AKS adds; `services`,
`node_ports` and `cluster_dns` what Services have and who answers for them. Pure.
Virtual networks and routes do not belong here (`lab.cloud`), nor what becomes of
a pod on its host (`lab.compile`).
"""
