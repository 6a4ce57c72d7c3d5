# shellcheck shell=bash
# Sourced by what runs inside the lab: where things are, and how to wait for a fact.

. "$(dirname "${BASH_SOURCE[0]}")/../scripts/common.sh"
here=$root/ops/lab
lab=/run/lab
log=$lab/log

# name, address, and driver of every hypervisor. The address is on loopback; name.lab leads to it.
hypervisors='kvm01 127.0.1.1 qemu
lxc01 127.0.1.2 lxc
test01 127.0.1.3 test'

# until_true SECONDS WHAT COMMAND...: tries the command until it succeeds; the limit is a backstop for a loaded machine.
until_true() {
    local limit=$((SECONDS + $1)) what=$2
    shift 2
    until timeout 20 "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $limit ] || die "not in time: $what"
        sleep 0.1
    done
}

# The administrator's connection to a hypervisor, to make things happen there.
admin_uri() { # NAME DRIVER
    case $2 in
        test) echo "test+unix:///default?socket=$lab/$1/run/libvirt-sock" ;;
        *) echo "$2+unix:///system?socket=$lab/$1/run/libvirt-sock" ;;
    esac
}
