"""prober.py PULL PUB PREFIX: what others notice of a flood on a master's bus, by sockets of its own.

Fires an event of its own every 5 ms and measures how long each takes to come back, and counts the events whose tag has
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

    def say(self):
        delays = sorted(self.delays) or [0]
        say(
            phase=self.name,
            fired=self.fired,
            returned=len(self.delays),
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
        self.stream = Stream()
        self.fired_at = {}
        self.number = 0
        self.ids, self.numbers = set(), {}
        self.phase = Phase("start")
        self.is_ready = False

    def fire(self):
        self.number += 1
        self.fired_at[self.number] = time.monotonic()
        self.phase.fired += 1
        self.pull.sendall(frame(self.number))

    def see(self, event, moment):
        tag, _, rest = bytes(event).partition(b"\n\n")
        if tag == own:
            fired = self.fired_at.pop(msgpack.unpackb(rest)["number"], None)
            if fired is not None:
                self.phase.delays.append(moment - fired)
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
            if time.monotonic() >= due:
                self.fire()
                # What came late is not made up for: a burst of our own would measure itself.
                due = max(due + INTERVAL, time.monotonic())
            ready, _, _ = select.select([self.pub, 0], [], [], max(0, due - time.monotonic()))
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
                    self.phase.say()
                    self.phase = Phase(line.decode())
                if not data:
                    self.phase.say()
                    return


Prober().run()
