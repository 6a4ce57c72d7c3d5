"""subscriber.py PUB: an independent subscriber of a bus.

Reads one command a line: `count N` gathers N events of a bench, `time N` the same without ever pausing, for delays;
`save N FOLDER` also leaves the events there, in a file for each instance that made some. Answers with a line of JSON, by
instance: how many events were seen, how many distinct ids, when the first was taken by its own word, when the first and the
last were seen, and with `time` when each was.

So that it takes little from those that are measured it only counts marks while events come, and looks into them when the
last one is there.
"""

import json
import pickle
import sys
import time
from datetime import datetime, timezone

import bus

LIMIT = 20
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def taken(event):
    moment = datetime.fromisoformat(bus.relay(event)["observed"].replace("Z", "+00:00")) - EPOCH
    return (moment.days * 86400 + moment.seconds) * 1_000_000_000 + moment.microseconds * 1000


def gather(ears, wanted, pause):
    """The bytes of a bench's events as they came: [when, bytes]."""
    chunks, counter = [], bus.Counter()
    quiet = time.monotonic() + LIMIT
    while counter.count < wanted and time.monotonic() < quiet:
        try:
            data = ears.recv(1 << 20)
        except TimeoutError:
            continue
        if not data:
            raise SystemExit("the master ended the connection of the subscriber")
        chunks.append((time.time_ns(), data))
        before = counter.count
        counter.add(data)
        if counter.count > before:
            quiet = time.monotonic() + LIMIT
        if pause:
            time.sleep(pause)
    # An event whose mark was there may have its end in the next read.
    ears.settimeout(0.2)
    try:
        while data := ears.recv(1 << 20):
            chunks.append((time.time_ns(), data))
    except TimeoutError:
        pass
    ears.settimeout(1)
    return chunks


def main():
    ears = bus.connect(sys.argv[1])
    ears.settimeout(1)
    stream = bus.Stream()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        command, wanted, *rest = line.split()
        rounds, answers = {}, {}
        for moment, data in gather(ears, int(wanted), 0 if command == "time" else 0.001):
            for event in stream.events(data):
                if event.startswith(bus.MARK):
                    rounds.setdefault(bus.instance(event), []).append((moment, event))
        for instance, seen in rounds.items():
            ids = {bus.relay(event)["id"] for _, event in seen}
            answer = {"seen": len(seen), "distinct": len(ids)}
            answer |= {"taken": taken(seen[0][1]), "first": seen[0][0], "last": seen[-1][0]}
            if command == "time":
                answer["each"] = [[bus.relay(event)["id"], taken(event), moment] for moment, event in seen]
            if command == "save":
                with open(f"{rest[0]}/{instance}", "wb") as file:
                    pickle.dump([event for _, event in seen], file)
            answers[instance] = answer
        print(json.dumps(answers), flush=True)


main()
