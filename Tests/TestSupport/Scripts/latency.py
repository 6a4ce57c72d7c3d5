"""latency.py PUB PREFIX HOSTS LIMIT URI...: how long a change on a daemon takes to be an event of each of its hosts on the bus.

URI number N, from 0, is that of the daemon whose hosts are called N-something; the HOSTS are shared out by turns. Each line
of the input, "NAME SECONDS", is a round: one daemon after the other has its domain suspended or resumed by a virsh that is
connected already, and each host's event is waited for, for LIMIT seconds. The time begins before virsh is told, and ends when
the event's bytes are read from the bus. Each round ends with a JSON line, in microseconds, of the round and of all rounds of its name so far.
The first line, {"ready": true}, comes when every host has been heard, within a minute or it gives up. A line {"tag", "data"} is a
host's gap, or says what was given up; both are seen in rounds alone.
"""

import json
import select
import subprocess
import sys
import time

import bus
import msgpack

TURN, PATIENCE = 10, 60
pub, prefix, hosts, limit, *uris = sys.argv[1:]
limit = float(limit)
prefix = prefix.encode() + b"/"


class Daemon:
    def __init__(self, number, uri):
        self.head = prefix + b"%d-" % number
        self.virsh = subprocess.Popen(
            ["virsh", "-q", "-c", uri], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, bufsize=0
        )
        self.size = len(range(number, int(hosts), len(uris)))
        self.hosts = set()
        self.is_running = True

    def change(self):
        self.is_running = not self.is_running
        command, word = (b"resume", "resumed") if self.is_running else (b"suspend", "suspended")
        self.virsh.stdin.write(command + b" test\n")
        return word


class Latency:
    def __init__(self):
        self.ears = bus.connect(pub)
        self.stream = bus.Stream()
        self.daemons = [Daemon(number, uri) for number, uri in enumerate(uris)]
        self.rounds = {}
        end = time.monotonic() + PATIENCE
        for daemon in self.daemons:
            self.get_to_know(daemon, end)
        say(ready=True)

    def get_to_know(self, daemon, end):
        """Changes something until a change is heard of every host: who is not known would never be missed."""
        while len(daemon.hosts) < daemon.size:
            if time.monotonic() >= end:
                sys.exit(f"{len(daemon.hosts)} of {daemon.size} hosts {daemon.head.decode()}* are heard")
            daemon.hosts = set()
            word = daemon.change()
            for host, _ in self.events(daemon, word, time.monotonic() + TURN):
                daemon.hosts.add(host)
                if len(daemon.hosts) == daemon.size:
                    break

    def events(self, daemon, word, end):
        """The hosts whose event comes, and when, until the end."""
        while (left := end - time.monotonic()) > 0:
            if not select.select([self.ears], [], [], left)[0]:
                return
            data = self.ears.recv(1 << 20)
            moment = time.monotonic()
            if not data:
                sys.exit("the bus has ended the connection")
            for event in self.stream.events(data):
                tag, _, rest = event.partition(b"\n\n")
                if tag.startswith(prefix) and tag.endswith((b"/host/gap", b"/aggregator/dropped")):
                    say(tag=tag.decode(), data=msgpack.unpackb(rest, strict_map_key=False))
                if not tag.startswith(daemon.head) or not tag.endswith(b"/domain/lifecycle"):
                    continue
                values = msgpack.unpackb(rest, strict_map_key=False)
                if values["event"] == word and "synthetic" not in values["relay"]:
                    yield values["host"], moment

    def sample(self, daemon):
        """The times of all hosts of one change; what does not come has taken the limit."""
        begin = time.monotonic()
        word = daemon.change()
        missing, delays = set(daemon.hosts), []
        for host, moment in self.events(daemon, word, begin + limit):
            if host in missing:
                missing.remove(host)
                delays.append(moment - begin)
            if not missing:
                break
        return delays + [limit] * len(missing), len(missing)

    def round(self, name, seconds):
        all_delays, delays, missing = self.rounds.setdefault(name, []), [], 0
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for daemon in self.daemons:
                found, lost = self.sample(daemon)
                delays += found
                missing += lost
                # What else goes on must not find a daemon that is never idle.
                time.sleep(0.01)
        all_delays += delays
        say(name=name, missing=missing, round=summary(delays), all=summary(all_delays))


def summary(delays):
    delays = sorted(delays)
    return {
        "samples": len(delays),
        "p50": int(1e6 * delays[len(delays) // 2]),
        "p99": int(1e6 * delays[len(delays) * 99 // 100]),
        "max": int(1e6 * delays[-1]),
    }


def say(**line):
    print(json.dumps(line), flush=True)


latency = Latency()
for line in sys.stdin:
    name, seconds = line.split()
    latency.round(name, float(seconds))
