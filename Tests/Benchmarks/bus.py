"""A Salt master's event bus as its bytes are: frames, sockets, and what was seen. Nothing here is ours or Salt's."""

import socket
import struct
import time

import msgpack

# What the events of both sides begin with. Seen as bytes in the stream it is one event: data never holds it.
MARK = b"virt-aggregator/bench/"


def connect(path):
    end = socket.socket(socket.AF_UNIX)
    end.connect(path)
    return end


def frame(event, prefixed):
    """What pull takes for an event, which is its tag, a blank line and its data."""
    packed = msgpack.packb({"head": {}, "body": event}, use_bin_type=True)
    return struct.pack(">I", len(packed)) + packed if prefixed else packed


class Stream:
    """What comes from pub, in whichever of the two framings the master has there."""

    def __init__(self):
        self.unpacker = msgpack.Unpacker(raw=True, strict_map_key=False, max_buffer_size=1 << 30)
        self.buffer = bytearray()
        self.prefixed = None

    def events(self, data):
        """The events that are complete with these bytes."""
        if self.prefixed is None:
            self.prefixed = data[0] != 0x82
        if not self.prefixed:
            self.unpacker.feed(data)
            for message in self.unpacker:
                yield message[b"body"]
            return
        self.buffer += data
        start = 0
        while len(self.buffer) >= start + 4:
            end = start + 4 + struct.unpack_from(">I", self.buffer, start)[0]
            if len(self.buffer) < end:
                break
            yield msgpack.unpackb(bytes(self.buffer[start + 4 : end]), raw=True, strict_map_key=False)[b"body"]
            start = end
        del self.buffer[:start]


class Counter:
    """How many events of a bench went by, without taking them apart."""

    def __init__(self):
        self.count = 0
        self.tail = b""

    def add(self, data):
        # A mark may lie across two reads; what is kept is too short to be counted twice.
        text = self.tail + data
        self.count += text.count(MARK)
        self.tail = text[-(len(MARK) - 1) :]


def relay(event):
    """The `relay` entry of an event's data: its id, and when it was taken."""
    return msgpack.unpackb(event.partition(b"\n\n")[2], raw=False, strict_map_key=False)["relay"]


def instance(event):
    """Who made the event: the first part of its id."""
    return relay(event)["id"].partition("/")[0]


def is_prefixed(pull, pub):
    """Whether pull wants the length before each frame: patch releases differ, and only the echo tells."""
    for prefixed in (True, False, True, False):
        tag = b"virt-aggregator/benchmarks/framing/%d" % time.time_ns()
        ears = connect(pub)
        ears.settimeout(1)
        stream, mouth = Stream(), connect(pull)
        try:
            mouth.sendall(frame(tag + b"\n\n" + msgpack.packb({"_stamp": "2026-01-01T00:00:00"}), prefixed))
            end = time.monotonic() + 1
            while time.monotonic() < end:
                if any(event.startswith(tag) for event in stream.events(ears.recv(1 << 20))):
                    return prefixed
        except (OSError, IndexError):
            pass
        finally:
            ears.close()
            mouth.close()
    raise SystemExit("error: no event of ours comes back from the master's bus")
