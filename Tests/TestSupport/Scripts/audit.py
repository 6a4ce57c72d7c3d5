"""audit.py COMMITTED SEEN: compares what was committed with what was seen on the bus, and prints the outcome as JSON."""

import json
import sys

committed, hosts, positions = {}, {}, {}
with open(sys.argv[1], encoding="utf-8") as file:
    for line in file:
        position, host, name, digest = line.rstrip("\n").split("\t")
        committed[name], hosts[name], positions[name] = digest, host, int(position)

seen, last = {}, {}
repeats = altered = disordered = 0
ledgers = []
with open(sys.argv[2], encoding="utf-8") as file:
    for line in file:
        # The recorder is about to write the rest.
        if not line.endswith("\n"):
            break
        name, digest, ledger = line.rstrip("\n").split("\t")
        if ledger != "null":
            ledgers.append(json.loads(ledger))
        if name in seen:
            repeats += 1
            altered += seen[name] != digest
            continue
        seen[name] = digest
        altered += committed.get(name, digest) != digest
        if name in positions:
            host = hosts[name]
            disordered += positions[name] < last.get(host, 0)
            last[host] = positions[name]

missing = [name for name in committed if name not in seen]
print(
    json.dumps(
        {
            "committed": len(committed),
            "found": len(committed) - len(missing),
            "missing": missing[:10],
            # On the bus, but never in the journal: nothing is sent before it is committed.
            "strangers": sum(name not in committed for name in seen),
            "repeats": repeats,
            "altered": altered,
            "disordered": disordered,
            "ledgers": ledgers,
        }
    )
)
