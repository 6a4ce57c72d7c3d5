#!/bin/sh
# site.sh FOLDER BYTES CABLES KIND: holds namespaces of its own. FOLDER has a disk of BYTES in them, of KIND tmpfs or ext4.
# Where there are CABLES, they lead from its network, as 10.77.N.1, into a second one, as 10.77.N.2. Says "ready", and the
# process that holds the second network.
set -eu
folder=$1 bytes=$2 cables=$3 kind=$4
if [ "$kind" = ext4 ]; then
    # Nothing but the disk has it, so it goes with that.
    image=$(mktemp)
    truncate -s "$bytes" "$image"
    PATH=$PATH:/sbin:/usr/sbin mkfs.ext4 -q -E lazy_itable_init=0 "$image"
    mount -o loop "$image" "$folder"
    rm "$image"
else
    mount -t tmpfs -o "size=$bytes" tmpfs "$folder"
fi
if [ "$cables" = 0 ]; then
    echo "ready"
    exec sleep infinity
fi
ip link set lo up
unshare --net sleep infinity &
far=$!
while [ "$(readlink "/proc/$far/ns/net")" = "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done
there() { nsenter --net="/proc/$far/ns/net" ip "$@"; }
there link set lo up
cable=0
while [ $cable -lt "$cables" ]; do
    ip link add "near$cable" type veth peer name "far$cable"
    ip link set "far$cable" netns "$far"
    ip address add "10.77.$cable.1/30" dev "near$cable"
    ip link set "near$cable" up
    there address add "10.77.$cable.2/30" dev "far$cable"
    there link set "far$cable" up
    cable=$((cable + 1))
done
echo "ready $far"
exec sleep infinity
