"""fire.py CONFIG SOCK_DIR: fires each JSON line {"tag", "data"} of its input on a master's bus, through Salt's own API."""

import json
import sys

import salt.config
import salt.utils.event

config, sock_dir = sys.argv[1:]
bus = salt.utils.event.get_event("master", sock_dir=sock_dir, opts=salt.config.master_config(config), listen=False)
for line in sys.stdin:
    event = json.loads(line)
    if not bus.fire_event(event["data"], event["tag"]):
        sys.exit("the master did not take " + event["tag"])
