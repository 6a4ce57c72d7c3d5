#!/usr/bin/env bash
# system-libvirtd.sh FOLDER [NAME=VALUE...]: process 1 of a namespace in which the fixed paths of a system libvirtd are
# FOLDER's own. Each line of input starts the daemon anew, with these variables added to its environment; at the end of
# input it ends, and guests and containers go with it.
set -euo pipefail
folder=$1
shift

# The root of another system comes without.
if [ ! -d /sys/devices ]; then mount -t sysfs sys /sys; fi
# Containers cannot start where cgroups are hybrid: they look for v2's folder and find none.
if [ -d /sys/fs/cgroup/memory ] && mountpoint -q /sys/fs/cgroup/unified; then umount /sys/fs/cgroup/unified; fi
mkdir -p "$folder"/lib/{qemu,images,boot,dnsmasq,lxc,network,swtpm,sanlock} "$folder"/cache/qemu "$folder"/log/{qemu,lxc}
chown -R libvirt-qemu:libvirt-qemu "$folder"/{lib,cache}/qemu 2>/dev/null || true
for pair in run:/run/libvirt lib:/var/lib/libvirt cache:/var/cache/libvirt log:/var/log/libvirt etc:/etc/libvirt; do
    mkdir -p "${pair#*:}"
    mount --bind "$folder/${pair%%:*}" "${pair#*:}"
done
cd /
while read -r _; do
    env -i PATH="$PATH" HOME=/root "$@" libvirtd --listen -f "$folder/etc/libvirtd.conf" -p "$folder/libvirtd.pid" </dev/null &
done
