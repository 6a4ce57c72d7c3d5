# shellcheck shell=bash
# Sourced by every script here: the repository as working folder, Swift on PATH, how to say something.
# Progress goes to stderr: stdout belongs to the program that is run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
cache=${XDG_CACHE_HOME:-${HOME:?error: HOME or XDG_CACHE_HOME must be set: what setup makes goes there}/.cache}/virt-aggregator-dev

say() { echo "==> $*" >&2; }
die() { echo "error: $*" >&2; exit 1; }

if ! command -v swift >/dev/null && [ -x /opt/swift/usr/bin/swift ]; then
    export PATH=/opt/swift/usr/bin:$PATH
fi

# Daemons are in sbin, which an ordinary user of Debian does not have on PATH.
case :$PATH: in *:/usr/sbin:*) ;; *) export PATH=$PATH:/usr/sbin:/sbin ;; esac
