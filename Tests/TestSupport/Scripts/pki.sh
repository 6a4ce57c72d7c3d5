#!/usr/bin/env bash
# pki.sh FOLDER: throw-away authorities and certificates for TLS between libvirt and its clients. PKI.swift says which.
#
# RSA, because libvirt 9 wants the "key encipherment" usage, which other keys lack. `openssl ca`, because of all of
# openssl's commands it alone takes dates in the past. One key for every server and one for every client: it is the
# certificates that differ.
set -euo pipefail
mkdir -p "$1"
cd "$1"
work=$(mktemp -d --tmpdir="$PWD")
exec 3>&2 2>"$work/log"
# openssl is never silent; what it said matters when it failed.
trap 'status=$?; [ $status = 0 ] || cat "$work/log" >&3; rm -rf "$work"' EXIT

# day OFFSET: a moment as `openssl ca` reads it.
day() { date -u -d "$1" +%Y%m%d%H%M%SZ; }
always=("$(day '-1 day')" "$(day '+3650 days')")
ended=(20200101000000Z 20200201000000Z)
later=("$(day '+3600 days')" "$(day '+3650 days')")
soon=("$(day '-1 day')" "$(day '+5 days')")

cat >"$work/conf" <<END
[ca]
default_ca = issue
[issue]
database = $work/index
new_certs_dir = $work
policy = any
default_md = sha256
rand_serial = yes
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[client]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = clientAuth
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth
subjectAltName = IP:127.0.0.1, IP:::1, DNS:localhost
[misnamed]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth
subjectAltName = DNS:hv.example
[unfit]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = IP:127.0.0.1, IP:::1, DNS:localhost
[unnamed]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth
END
: >"$work/index"

key() { openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$1" 2>/dev/null; }
# request KEY NAME
request() { openssl req -new -config "$work/conf" -key "$1" -subj "/CN=$2" -out "$work/csr"; }
issue() { openssl ca -config "$work/conf" -batch -notext -in "$work/csr" "$@"; }
# authority FOLDER NAME FROM UNTIL: a certificate that signs itself.
authority() {
    mkdir -p "$1"
    key "$work/$1.key"
    request "$work/$1.key" "$2"
    issue -selfsign -keyfile "$work/$1.key" -extensions authority -startdate "$3" -enddate "$4" -out "$1/cacert.pem"
}
# leaf FOLDER AUTHORITY server|client KIND NAME FROM UNTIL: a certificate with its key and the authority to trust, which
# is the one that signed it unless the folder has another.
leaf() {
    mkdir -p "$1"
    request "$work/$3.key" "$5"
    issue -cert "$2/cacert.pem" -keyfile "$work/$2.key" -extensions "$4" -startdate "$6" -enddate "$7" \
        -out "$1/$3cert.pem"
    cp "$work/$3.key" "$1/$3key.pem"
    [ -e "$1/cacert.pem" ] || cp "$2/cacert.pem" "$1/cacert.pem"
}

key "$work/server.key"
key "$work/client.key"
authority good 'good authority' "${always[@]}"
authority other 'other authority' "${always[@]}"
authority expired-authority 'old authority' "${ended[@]}"
for folder in good other expired-authority; do
    leaf $folder $folder server server localhost "${always[@]}"
    leaf $folder $folder client client aggregator "${always[@]}"
done
leaf expired-server good server server localhost "${ended[@]}"
leaf early-server good server server localhost "${later[@]}"
leaf misnamed-server good server misnamed hv.example "${always[@]}"
leaf unnamed-server good server unnamed localhost "${always[@]}"
leaf unfit-server good server unfit localhost "${always[@]}"
leaf ending good server server localhost "${soon[@]}"
leaf ending good client client aggregator "${soon[@]}"
leaf expired-client good client client aggregator "${ended[@]}"
leaf stranger good client client stranger "${always[@]}"
mkdir foreign-client
cp good/cacert.pem foreign-client/
leaf foreign-client other client client aggregator "${always[@]}"
chmod -R a+rX .
