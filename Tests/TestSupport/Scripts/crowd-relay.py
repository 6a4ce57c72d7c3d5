"""crowd-relay.py PORT TARGET: stands between a client of libvirt and a libvirtd, on ports of loopback.

Takes commands, a line each: "reset" ends every connection with a TCP reset, "close" with an end of stream, "events N"
repeats the last two events that the daemon sent, by turns, to every client N times a second; 0 ends that. After each
command, and whenever it changes, it says {"live": connections, "cut": those that were ended by a command, "repeated":
events} as a JSON line; {"opened": seconds since 1970} is when a client said its first word. What comes from the daemon is
passed on in whole messages, so that one may be put between.
"""

import json
import os
import selectors
import socket
import struct
import sys
import time

PORT, TARGET = (int(text) for text in sys.argv[1:])
REMOTE_PROGRAM, MESSAGE = 0x20008086, 2
# What waits for a client that does not read: then nothing is repeated, and nothing is read from the daemon.
FULL = 1 << 20


class End:
    """One side of a connection."""

    def __init__(self, pair, end):
        self.pair, self.socket = pair, end
        self.out = bytearray()


class Pair:
    def __init__(self, relay, client):
        self.relay = relay
        server = socket.create_connection(("127.0.0.1", TARGET))
        self.client, self.server = End(self, client), End(self, server)
        self.frames = bytearray()
        self.is_mute = True
        for end in (self.client, self.server):
            end.socket.setblocking(False)
            end.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            relay.selector.register(end.socket, selectors.EVENT_READ, end)

    def read(self, end):
        try:
            data = end.socket.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.relay.end(self)
        elif end is self.client:
            if self.is_mute:
                self.is_mute = False
                say(opened=arrival(self.client.socket))
            self.send(self.server, data)
        else:
            self.take(data)

    def take(self, data):
        """Passes whole messages of the daemon on, and keeps the last two events."""
        self.frames += data
        start = 0
        while len(self.frames) - start >= 4:
            length = struct.unpack_from(">I", self.frames, start)[0]
            if len(self.frames) - start < length:
                break
            if length >= 28:
                program, _, _, kind = struct.unpack_from(">IIII", self.frames, start + 4)
                if program == REMOTE_PROGRAM and kind == MESSAGE:
                    self.relay.events = self.relay.events[-1:] + [bytes(self.frames[start : start + length])]
            start += length
        whole = bytes(self.frames[:start])
        del self.frames[:start]
        if whole:
            self.send(self.client, whole)

    def send(self, end, data):
        end.out += data
        self.flush(end)

    def flush(self, end):
        try:
            if end.out:
                del end.out[: end.socket.send(end.out)]
        except BlockingIOError:
            pass
        except OSError:
            self.relay.end(self)
            return
        for one, other in ((self.client, self.server), (self.server, self.client)):
            events = selectors.EVENT_WRITE if one.out else 0
            if len(other.out) < FULL:
                events |= selectors.EVENT_READ
            self.relay.watch(one, events)


def arrival(client):
    """When its last bytes were there: tcpi_last_data_recv says how many milliseconds ago.

    So that it is the same when we are late to read them.
    """
    information = client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 56)
    return time.time() - struct.unpack_from("I", information, 52)[0] / 1000


def say(**line):
    print(json.dumps(line), flush=True)


class Relay:
    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.pairs = set()
        self.events, self.rate, self.repeated, self.turn = [], 0, 0, 0
        self.begun, self.told, self.cut = 0, None, 0
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", PORT))
        self.listener.listen(4096)
        self.selector.register(self.listener, selectors.EVENT_READ, self.accept)
        self.selector.register(0, selectors.EVENT_READ, self.command)
        self.rest = b""

    def watch(self, end, events):
        if end.pair not in self.pairs:
            return
        known = self.selector.get_map().get(end.socket.fileno())
        if known is None and events:
            self.selector.register(end.socket, events, end)
        elif known is not None and not events:
            self.selector.unregister(end.socket)
        elif known is not None and known.events != events:
            self.selector.modify(end.socket, events, end)

    def accept(self):
        client, _ = self.listener.accept()
        try:
            self.pairs.add(Pair(self, client))
        except OSError:
            client.close()

    def end(self, pair, with_reset=False):
        if pair not in self.pairs:
            return
        for end in (pair.client, pair.server):
            self.watch(end, 0)
        self.pairs.discard(pair)
        if with_reset:
            pair.client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        for end in (pair.client, pair.server):
            end.socket.close()

    def command(self):
        data = os.read(0, 4096)
        if not data:
            sys.exit()
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            word, *values = line.split()
            if word == b"events":
                self.rate, self.repeated, self.begun = int(values[0]), 0, time.monotonic()
            else:
                self.cut += len(self.pairs)
                for pair in list(self.pairs):
                    self.end(pair, with_reset=word == b"reset")
            self.told = None

    def repeat(self):
        """Makes up for the time since the flood began."""
        due = int((time.monotonic() - self.begun) * self.rate) - self.repeated
        if due <= 0 or len(self.events) < 2:
            return
        # An even number, so that the states go on taking turns.
        due -= due % 2
        data = (self.events[0] + self.events[1]) * (due // 2)
        for pair in list(self.pairs):
            if len(pair.client.out) < FULL:
                pair.send(pair.client, data)
        self.repeated += due

    def run(self):
        while True:
            for key, events in self.selector.select(0.01 if self.rate else None):
                if not isinstance(key.data, End):
                    key.data()
                    continue
                if events & selectors.EVENT_WRITE:
                    key.data.pair.flush(key.data)
                if events & selectors.EVENT_READ and key.data.pair in self.pairs:
                    key.data.pair.read(key.data)
            if self.rate:
                self.repeat()
            now = {"live": len(self.pairs), "cut": self.cut, "repeated": self.repeated // 1000 * 1000}
            if now != self.told:
                self.told = now
                say(**now)


relay = Relay()
say(live=0, repeated=0)
relay.run()
