#!/bin/sh
# The data path of a network model by hand: two hosts joined by a routed underlay, each
# with a virtual switch, a node and two pods.
#
#   handmade_path.sh MODEL [rules]
#
# MODEL is how pods hang on their node, with the devices and hops of a lab:
#
#   cbr0     kubenet: a bridge beside eth0, which the node routes between
#   bridge   Azure CNI: a bridge that eth0 is a port of
#   tunnel   the same, with pods of one node meeting in the switch
#   routed   Azure CNI transparent, pod subnets, overlay: a route per pod, no bridge
#
#   pod -- cbr0 (node) eth0 -- nic (switch) vx0 -- und0 -- underlay -- und0 …
#
# Without `rules` there is no rule of nftables or iptables anywhere; with them those that
# every packet of such a lab meets: the hop that the switch gives back, its checks of
# addresses, its translation towards the Internet with the connection tracking that this
# brings, and the masquerade chain of the node. The frames of bridge and tunnel are
# rewritten either way: without that no packet gets there.
#
# Runs inside a namespace of its own; leaves the namespaces underlay, host1,
# node1, pod1a, pod1b, host2, … below /run/netns. Pods are 10.244.N.2 and .3.
set -eu

model=$1 rules=${2:-}
spine=169.254.255.1 gateway_mac=12:34:56:78:9a:bc pod_gateway_mac=aa:aa:aa:aa:aa:aa
mac_of() { ip -n "$1" -o link show "$2" | sed 's/.*link\/ether \([^ ]*\).*/\1/'; }
set_in() { namespace=$1; shift; ip netns exec "$namespace" sysctl -q -w "$@"; }

# pod_link NODE POD: its cable, with both ends up.
pod_link() {
  ip link add "veth$2" netns "node$1" type veth peer name eth0 netns "pod$1$2"
  ip -n "node$1" link set "veth$2" up
  ip -n "pod$1$2" link set eth0 up
}

node_cbr0() {
  ip -n node$n addr add $own/22 dev eth0
  ip -n node$n route add default via 10.0.0.1
  ip -n node$n link add cbr0 type bridge
  ip -n node$n addr add $pods.1/24 dev cbr0
  ip -n node$n link set cbr0 promisc on up
  for pod in a b; do
    pod_link $n $pod
    ip -n node$n link set veth$pod master cbr0
    ip -n pod$n$pod addr add $pods.$(last $pod)/24 dev eth0
    ip -n pod$n$pod route add default via $pods.1
  done
}

node_bridge() {
  mac=$(mac_of node$n eth0)
  ip -n node$n link add azure0 address "$mac" type bridge
  ip -n node$n link set azure0 up
  ip -n node$n link set eth0 master azure0
  ip -n node$n addr add $own/22 dev azure0
  ip -n node$n route add default via 10.0.0.1
  frames="ip netns exec node$n ebtables-nft -t nat"
  $frames -A PREROUTING -p IPv4 --ip-dst 169.254.20.10 -j redirect
  $frames -A PREROUTING -p ARP --arp-op Request --arp-ip-dst $own \
    -j arpreply --arpreply-mac "$mac"
  $frames -A PREROUTING -p ARP -i eth0 --arp-op Reply \
    -j dnat --to-dst ff:ff:ff:ff:ff:ff --dnat-target ACCEPT
  [ $model = bridge ] || $frames -A PREROUTING -i veth+ \
    -j dnat --to-dst $gateway_mac --dnat-target ACCEPT
  for pod in a b; do
    pod_link $n $pod
    ip -n node$n link set veth$pod master azure0
    ip -n node$n link set veth$pod type bridge_slave hairpin on
    address=$pods.$(last $pod) pod_mac=$(mac_of pod$n$pod eth0)
    ip -n pod$n$pod addr add $address/24 dev eth0
    ip -n pod$n$pod route add default via $pods.1
    ip -n pod$n$pod neigh add $pods.1 lladdr $gateway_mac dev eth0 nud permanent
    answer=$pod_mac
    [ $model = bridge ] || answer=$gateway_mac
    $frames -A PREROUTING -p ARP --arp-op Request --arp-ip-dst $address \
      -j arpreply --arpreply-mac "$answer"
    $frames -A PREROUTING -p IPv4 -i eth0 --ip-dst $address \
      -j dnat --to-dst "$pod_mac" --dnat-target ACCEPT
  done
  $frames -A POSTROUTING -s Unicast -o eth0 \
    -j snat --to-src "$mac" --snat-arp --snat-target ACCEPT
}

node_tunnel() { node_bridge; }

node_routed() {
  ip -n node$n addr add $own/22 dev eth0
  ip -n node$n route add default via 10.0.0.1
  for pod in a b; do
    pod_link $n $pod
    address=$pods.$(last $pod)
    ip -n node$n link set veth$pod address $pod_gateway_mac
    ip -n node$n route add $address dev veth$pod
    set_in node$n net.ipv4.conf.veth$pod.proxy_arp=1
    ip -n pod$n$pod addr add $address/32 dev eth0
    ip -n pod$n$pod route add 169.254.1.1 dev eth0
    ip -n pod$n$pod route add default via 169.254.1.1
    ip -n pod$n$pod neigh add 169.254.1.1 lladdr $pod_gateway_mac dev eth0 nud permanent
  done
}

last() { [ "$1" = a ] && echo 2 || echo 3; }

ip netns add underlay
for n in 1 2; do
  for place in host$n node$n pod${n}a pod${n}b; do
    ip netns add $place
    ip -n $place link set lo up
  done
done

for n in 1 2; do
  own=10.0.0.$((3 + n)) pods=10.244.$n

  # Underlay: one veth per host, routed, no ARP.
  ip link add u$n netns underlay mtu 9000 type veth peer name und0 netns host$n
  ip -n host$n link set und0 mtu 9000 up
  ip -n underlay link set u$n up
  ip -n host$n addr add 198.18.0.$n/32 dev und0
  ip -n host$n route add $spine dev und0 scope link
  ip -n host$n neigh add $spine lladdr "$(mac_of underlay u$n)" dev und0 nud permanent
  ip -n host$n route add 198.18.0.0/15 via $spine
  ip -n underlay route add 198.18.0.$n dev u$n
  ip -n underlay neigh add 198.18.0.$n lladdr "$(mac_of host$n und0)" dev u$n nud permanent

  # Virtual switch and the node's NIC.
  ip link add nic netns host$n address $gateway_mac type veth peer name eth0 netns node$n
  ip -n host$n link set nic up
  ip -n node$n link set eth0 up
  ip -n host$n link add vx0 mtu 1500 type vxlan external gpe dstport 4790
  ip -n host$n link set vx0 up
  set_in host$n net.ipv4.ip_forward=1 net.ipv4.conf.nic.proxy_arp=1 \
    net.ipv4.conf.nic.proxy_arp_pvlan=1 net.ipv4.neigh.nic.proxy_delay=0 net.ipv4.conf.all.rp_filter=0 \
    net.ipv4.conf.nic.rp_filter=0 net.ipv4.conf.vx0.rp_filter=0 net.ipv4.conf.und0.rp_filter=0 \
    net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.nic.send_redirects=0
  ip -n host$n rule add pref 10 iif nic lookup 100
  ip -n host$n rule add pref 11 iif vx0 lookup 200
  ip -n host$n neigh add $own lladdr "$(mac_of node$n eth0)" dev nic nud permanent
  ip -n host$n route add default via $own dev nic onlink table 200
  ip -n host$n route add $pods.0/24 via $own dev nic onlink table 100

  # Node and its pods.
  set_in node$n net.ipv4.ip_forward=1
  node_$model
done
set_in underlay net.ipv4.ip_forward=1

for n in 1 2; do
  peer=$((3 - n))
  tunnel="encap ip id 42 dst 198.18.0.$peer dev vx0"
  # shellcheck disable=SC2086  # words on purpose
  ip -n host$n route add 10.0.0.$((3 + peer)) $tunnel table 100
  # shellcheck disable=SC2086
  ip -n host$n route add 10.244.$peer.0/24 $tunnel table 100
  ip -n host$n route add 10.0.0.0/22 dev vx0 table 100
done

[ "$rules" = rules ] || exit 0

for n in 1 2; do
  ip netns exec host$n nft -f - <<RULES
table ip switch {
  chain from_nic {
    type filter hook prerouting priority raw
    iifname nic ip daddr 10.0.0.1 drop
    iifname nic ip daddr { 224.0.0.0/4, 255.255.255.255 } drop
    iifname nic ip saddr != { 10.0.0.$((3 + n)), 10.244.$n.0/24 } drop
  }
  chain forwarded {
    type filter hook forward priority filter
    oifname nic ip daddr != { 10.0.0.$((3 + n)), 10.244.$n.0/24 } drop
  }
  chain translated {
    type nat hook postrouting priority srcnat
    oifname inet0 snat to 198.51.100.4
  }
}
RULES
  for port in nic vx0; do
    ip netns exec host$n iptables -t mangle -A PREROUTING -i $port -j TTL --ttl-inc 1
  done
  ip netns exec node$n iptables-restore --noflush <<RULES
*nat
:IP-MASQ-AGENT - [0:0]
-A POSTROUTING -m addrtype ! --dst-type LOCAL -j IP-MASQ-AGENT
-A IP-MASQ-AGENT -d 10.244.0.0/16 -j RETURN
-A IP-MASQ-AGENT -j MASQUERADE
COMMIT
RULES
  set_in node$n net.bridge.bridge-nf-call-iptables=1
done
