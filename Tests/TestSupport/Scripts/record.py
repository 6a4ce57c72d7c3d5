"""record.py PUB FILE: every event of ours on a master's bus, a line each: relay.id, digest, and the ledger where it has one.

Reads the socket as it is, with nothing of ours or Salt's, and as quickly as can be: a slow subscriber is cut off. The digest
is of all but `_stamp`, which is the last entry.
"""

import hashlib
import json
import sys

import bus
import msgpack

ears = bus.connect(sys.argv[1])
stream = bus.Stream()
print("ready", flush=True)
with open(sys.argv[2], "w", encoding="utf-8", buffering=1 << 16) as file:
    while data := ears.recv(1 << 20):
        for event in stream.events(data):
            end = event.rfind(b"\xa6_stamp")
            if end < 0 or b"\xa5relay" not in event:
                continue
            values = msgpack.unpackb(event.partition(b"\n\n")[2], strict_map_key=False)
            digest = hashlib.sha1(event[:end]).hexdigest()
            print(values["relay"]["id"], digest, json.dumps(values.get("ledger")), sep="\t", file=file)
        file.flush()
