"""raw.py PULL PUB FILE COUNT prefixed|bare flood|window|idle: writes ready-made frames, as a client that keeps no journal would.

`flood` writes as much as the socket takes; `window` reads pub itself and has at most 256 events on their way, as we do;
`idle` writes one every 10 ms. The frames are made before it says that it is ready; an empty line begins. Answers with a
line of JSON: when the first frame was written, when the last one was, and with `idle` when each was.
"""

import json
import pickle
import select
import sys
import time

import bus

WINDOW = 256


def flood(mouth, frames):
    # Few large writes, made before the clock starts.
    chunks = [b"".join(frames[at : at + 128]) for at in range(0, len(frames), 128)]
    yield
    for chunk in chunks:
        mouth.sendall(chunk)


def window(mouth, frames, pub):
    ears = bus.connect(pub)
    counter, written = bus.Counter(), 0
    yield
    while counter.count < len(frames):
        room = min(WINDOW - (written - counter.count), len(frames) - written)
        if room > 0:
            mouth.sendall(b"".join(frames[written : written + room]))
            written += room
        select.select([ears], [], [])
        counter.add(ears.recv(1 << 20))
        time.sleep(0.001)


def idle(mouth, frames, times):
    yield
    begin = time.monotonic()
    for index, frame in enumerate(frames):
        time.sleep(max(0, begin + index * 0.01 - time.monotonic()))
        times.append(time.time_ns())
        mouth.sendall(frame)


def main():
    pull, pub, file, count, framing, mode = sys.argv[1:]
    with open(file, "rb") as file:
        events = pickle.load(file)[: int(count)]
    frames = [bus.frame(event, framing == "prefixed") for event in events]
    mouth, times = bus.connect(pull), []
    if mode == "flood":
        steps = flood(mouth, frames)
    elif mode == "window":
        steps = window(mouth, frames, pub)
    else:
        steps = idle(mouth, frames, times)
    next(steps)
    print(json.dumps({"ready": True}), flush=True)
    sys.stdin.readline()
    first = time.time_ns()
    for _ in steps:
        pass
    answer = {"first": first, "written": time.time_ns()}
    if mode == "idle":
        answer["each"] = [[bus.relay(event)["id"], moment] for event, moment in zip(events, times)]
    print(json.dumps(answer), flush=True)
    # The master reads what is still in the socket only as long as nobody closes it in its face.
    sys.stdin.readline()


main()
