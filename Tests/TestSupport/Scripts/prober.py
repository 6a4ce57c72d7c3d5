"""prober.py PULL PUB PREFIX: what others notice of a flood on a master's bus, by sockets of its own.

Fires an event of its own every 5 ms, whatever holds it up, and measures how long after its time each is back; when a phase
ends, what is out counts with its age. It counts the events whose tag has
the prefix: each once, by relay.id, and each host's in order. Each line of its input names a phase; when the next one
begins, and at the end of the input, a JSON line sums up the one before. The first line, {"ready": true}, comes when its
first event is back; {"seen": N} tells how many of the prefix there were so far, and {"back": N} how many of its own in this phase. Times are
in microseconds.
"""

import datetime
import json
import os
import select
import socket
import struct
import sys
import time
import uuid

import msgpack

INTERVAL = 0.005
pull_path, pub_path, prefix = sys.argv[1:]
own = ("virt-aggregator-tests/probe/" + uuid.uuid4().hex).encode()
prefix = prefix.encode() + b"/"


def connect(path):
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    return connection


def frame(number):
    stamp = datetime.datetime.utcnow().isoformat()
    event = own + b"\n\n" + msgpack.packb({"number": number, "_stamp": stamp}, use_bin_type=True)
    body = msgpack.packb({"head": {}, "body": event}, use_bin_type=True)
    return struct.pack(">I", len(body)) + body


class Stream:
    """Splits what pub says into events: with a length before each, or bare."""

    def __init__(self):
        self.buffer = bytearray()
        self.unpacker = msgpack.Unpacker(raw=True, strict_map_key=False, max_buffer_size=1 << 30)
        self.is_bare = None

    def events(self, data):
        if self.is_bare is None:
            self.is_bare = data[0] == 0x82
        if self.is_bare:
            self.unpacker.feed(data)
            for message in self.unpacker:
                yield message[b"body"]
            return
        self.buffer += data
        begin = 0
        while len(self.buffer) - begin >= 4:
            end = begin + 4 + struct.unpack_from(">I", self.buffer, begin)[0]
            if end > len(self.buffer):
                break
            yield msgpack.unpackb(bytes(self.buffer[begin + 4 : end]), raw=True, strict_map_key=False)[b"body"]
            begin = end
        del self.buffer[:begin]


class Phase:
    def __init__(self, name):
        self.name = name
        self.delays = []
        self.fired = self.ours = self.repeats = self.disordered = 0
        self.first = self.last = None

    def end(self, out):
        """What is out by then took that long at least."""
        delays = sorted(self.delays + out) or [0]
        say(
            phase=self.name,
            fired=self.fired,
            returned=len(self.delays),
            out=len(out),
            p50=int(1e6 * delays[len(delays) // 2]),
            p99=int(1e6 * delays[len(delays) * 99 // 100]),
            ours=self.ours,
            repeats=self.repeats,
            disordered=self.disordered,
            time=int(1e6 * ((self.last or 0) - (self.first or 0))),
        )


def say(**line):
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


class Prober:
    def __init__(self):
        self.pub, self.pull = connect(pub_path), connect(pull_path)
        self.pull.setblocking(False)
        self.stream = Stream()
        self.unwritten = bytearray()
        self.due = {}
        self.number = 0
        self.ids, self.numbers = set(), {}
        self.phase = Phase("start")
        self.is_ready = False

    def fire(self, due):
        self.number += 1
        self.due[self.number] = due
        self.phase.fired += 1
        self.unwritten += frame(self.number)

    def write(self):
        try:
            del self.unwritten[: self.pull.send(self.unwritten)]
        except BlockingIOError:
            pass

    def end_phase(self):
        now = time.monotonic()
        self.phase.end([now - due for due in self.due.values()])

    def see(self, event, moment):
        tag, _, rest = bytes(event).partition(b"\n\n")
        if tag == own:
            due = self.due.pop(msgpack.unpackb(rest)["number"], None)
            if due is not None:
                self.phase.delays.append(moment - due)
                if len(self.phase.delays) % 100 == 0:
                    say(back=len(self.phase.delays))
            if not self.is_ready:
                self.is_ready = True
                say(ready=True)
        elif tag.startswith(prefix):
            self.see_ours(msgpack.unpackb(rest, strict_map_key=False), moment)

    def see_ours(self, data, moment):
        phase = self.phase
        phase.first, phase.last = phase.first or moment, moment
        name = data["relay"]["id"]
        if name in self.ids:
            phase.repeats += 1
            return
        self.ids.add(name)
        phase.ours += 1
        source, _, number = name.rpartition("/")
        if int(number) <= self.numbers.get(source, 0):
            phase.disordered += 1
        self.numbers[source] = int(number)

    def run(self):
        due, told, commands = time.monotonic(), 0, b""
        while True:
            while time.monotonic() >= due:
                self.fire(due)
                due += INTERVAL
            wanted = [self.pull] if self.unwritten else []
            ready, writable, _ = select.select([self.pub, 0], wanted, [], max(0, due - time.monotonic()))
            if writable:
                self.write()
            if self.pub in ready:
                data = self.pub.recv(1 << 20)
                moment = time.monotonic()
                if not data:
                    sys.exit("the bus has ended the connection")
                for event in self.stream.events(data):
                    self.see(event, moment)
            if len(self.ids) > told:
                told = len(self.ids)
                say(seen=told)
            if 0 in ready:
                data = os.read(0, 4096)
                *lines, commands = (commands + data).split(b"\n")
                for line in lines:
                    self.end_phase()
                    self.phase = Phase(line.decode())
                if not data:
                    self.end_phase()
                    return


Prober().run()
