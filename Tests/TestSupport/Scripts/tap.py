"""tap.py PUB OWN: stands between a subscriber, who connects to the socket OWN, and a master's pub socket.

What comes from pub is said here, one JSON line {"tag", "data"} an event, before it is passed on: whatever the subscriber
has seen stands in the output. The first line is {"ready": true}. An end on either side is passed on as one.
"""

import json
import os
import select
import socket
import struct
import sys
import threading

import msgpack

pub, own = sys.argv[1:]


def say(line):
    sys.stdout.write(json.dumps(line, default=str) + "\n")


class Cutter:
    """Cuts one connection's bytes into events, in either framing."""

    def __init__(self):
        self.bare = None
        self.buffer = b""
        self.unpacker = msgpack.Unpacker(raw=True, strict_map_key=False)

    def frames(self, chunk):
        if self.bare is None:
            self.bare = chunk[0] >= 0x80
        if self.bare:
            self.unpacker.feed(chunk)
            yield from self.unpacker
            return
        self.buffer += chunk
        while len(self.buffer) >= 4:
            (length,) = struct.unpack(">I", self.buffer[:4])
            if len(self.buffer) < 4 + length:
                return
            yield msgpack.unpackb(self.buffer[4 : 4 + length], raw=True, strict_map_key=False)
            self.buffer = self.buffer[4 + length :]


def relay(client):
    master = socket.socket(socket.AF_UNIX)
    cutter = Cutter()
    try:
        master.connect(pub)
        while True:
            ready, _, _ = select.select([client, master], [], [])
            if client in ready and not client.recv(4096):
                return
            if master in ready:
                chunk = master.recv(1 << 16)
                if not chunk:
                    return
                for frame in cutter.frames(chunk):
                    tag, _, data = frame[b"body"].partition(b"\n\n")
                    say({"tag": tag.decode(), "data": msgpack.unpackb(data, raw=False, strict_map_key=False)})
                sys.stdout.flush()
                client.sendall(chunk)
    except OSError:
        return
    finally:
        master.close()
        client.close()


listener = socket.socket(socket.AF_UNIX)
listener.bind(own)
os.chmod(own, 0o666)
listener.listen(16)
say({"ready": True})
sys.stdout.flush()
while True:
    connection, _ = listener.accept()
    threading.Thread(target=relay, args=(connection,), daemon=True).start()
