"""listen.py CONFIG SOCK_DIR: Salt's own subscriber, one JSON line {"tag", "data"} for each event on a master's bus.

The first line is {"ready": true}: an event of its own has come back, so none is missed from there on.
"""

import json
import os
import sys
import uuid

import salt.config
import salt.utils.event

config, sock_dir = sys.argv[1:]
own = "virt-aggregator-tests/ready/" + uuid.uuid4().hex


def say(line):
    sys.stdout.write(json.dumps(line, default=str) + "\n")
    sys.stdout.flush()


def connect():
    return salt.utils.event.get_event("master", sock_dir=sock_dir, opts=salt.config.master_config(config), listen=True)


def main():
    ready = False
    bus = connect()
    while not ready:
        bus.fire_event({"pid": os.getpid()}, own)
        while not ready:
            event = bus.get_event(wait=1, full=True, auto_reconnect=True)
            if event is None:
                break
            ready = event["tag"] == own
    say({"ready": True})
    for event in bus.iter_events(full=True, auto_reconnect=True):
        if event["tag"] != own:
            say({"tag": event["tag"], "data": event["data"]})


main()
