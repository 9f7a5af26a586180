#!/bin/sh
# The data path by hand: two hosts joined by a routed underlay, each with a
# virtual switch, a node and two pods on a bridge. Same devices and hops as a
# kubenet lab, and no rule of nftables or iptables anywhere; with the argument
# `rules` those that every packet of a kubenet lab meets: the hop that the switch
# gives back, its check of sources, and the masquerade chain of the node, which
# its bridge hands packets to as well.
#
#   pod -- cbr0 (node) eth0 -- nic (switch) vx0 -- und0 -- underlay -- und0 …
#
# Runs inside a namespace of its own; leaves the namespaces underlay, host1,
# node1, pod1a, pod1b, host2, … below /run/netns. Pods are 10.244.N.2 and .3.
set -eu

spine=169.254.255.1
mac_of() { ip -n "$1" -o link show "$2" | sed 's/.*link\/ether \([^ ]*\).*/\1/'; }
set_in() { namespace=$1; shift; ip netns exec "$namespace" sysctl -q -w "$@"; }

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
  ip link add nic netns host$n address 12:34:56:78:9a:bc type veth peer name eth0 netns node$n
  ip -n host$n link set nic up
  ip -n node$n link set eth0 up
  ip -n host$n link add vx0 mtu 1500 type vxlan external gpe dstport 4790
  ip -n host$n link set vx0 up
  set_in host$n net.ipv4.ip_forward=1 net.ipv4.conf.nic.proxy_arp=1 \
    net.ipv4.neigh.nic.proxy_delay=0 net.ipv4.conf.all.rp_filter=0 \
    net.ipv4.conf.nic.rp_filter=0 net.ipv4.conf.vx0.rp_filter=0 net.ipv4.conf.und0.rp_filter=0 \
    net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.nic.send_redirects=0
  ip -n host$n rule add pref 10 iif nic lookup 100
  ip -n host$n rule add pref 11 iif vx0 lookup 200

  # Node: eth0, cbr0, two pods.
  ip -n node$n addr add $own/22 dev eth0
  ip -n node$n route add default via 10.0.0.1
  ip -n host$n neigh add $own lladdr "$(mac_of node$n eth0)" dev nic nud permanent
  ip -n host$n route add default via $own dev nic onlink table 200
  ip -n node$n link add cbr0 type bridge
  ip -n node$n addr add $pods.1/24 dev cbr0
  ip -n node$n link set cbr0 promisc on up
  set_in node$n net.ipv4.ip_forward=1
  for pod in a b; do
    last=$([ $pod = a ] && echo 2 || echo 3)
    ip link add veth$pod netns node$n type veth peer name eth0 netns pod$n$pod
    ip -n node$n link set veth$pod master cbr0 up
    ip -n pod$n$pod addr add $pods.$last/24 dev eth0
    ip -n pod$n$pod link set eth0 up
    ip -n pod$n$pod route add default via $pods.1
  done
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

[ "${1:-}" = rules ] || exit 0

for n in 1 2; do
  {
    echo 'table ip ttl {'
    hop=1
    while [ $hop -lt 255 ]; do
      echo "chain t$hop { ip ttl set $((hop + 1)); }"
      hop=$((hop + 1))
    done
    echo 'chain back { type filter hook prerouting priority mangle; iifname { nic, vx0 } ip ttl vmap {'
    hop=1
    while [ $hop -lt 255 ]; do
      echo "$hop : jump t$hop,"
      hop=$((hop + 1))
    done
    echo '}'
    echo '}'
    echo 'chain check { type filter hook forward priority filter; iifname nic ip saddr != 10.0.0.0/8 drop; }'
    echo '}'
  } | ip netns exec host$n nft -f -
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
