#!/bin/sh
# network.sh ADDRESS: run in a network namespace of its own, gives it loopback and an address that swallows packets:
# that of a neighbour who is not there, at the other end of a cable that is. (Without the neighbour's entry the kernel
# would ask who has the address and say after 3 s that nobody does.) Then says "ready" and holds the namespace.
set -eu
address=$1
ip link set lo up
ip link add hole0 type veth peer name hole1
ip address add "${address%.*}.1/24" dev hole0
ip link set hole0 up
ip link set hole1 up
ip neighbour add "$address" lladdr 02:00:00:00:00:02 dev hole0 nud permanent
echo ready
exec sleep infinity
