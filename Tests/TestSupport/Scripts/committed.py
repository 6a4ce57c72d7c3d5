"""committed.py SPOOL FILE: what is committed in a spool and not in FILE yet is appended there: position, host, id, digest.

Works on a copy: whoever opens a SQLite database that a process has left in the midst of its work changes it. Prints how many
there were and how many of all wait for their echo, as JSON.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import sys
import tempfile

import msgpack

spool, known = sys.argv[1:]
last = 0
if os.path.exists(known):
    with open(known, "rb") as file:
        file.seek(max(0, os.path.getsize(known) - 4096))
        lines = file.read().splitlines()
        last = int(lines[-1].split()[0]) if lines else 0

with tempfile.TemporaryDirectory(dir=os.path.dirname(known)) as folder:
    # Not the shared memory: it is made anew from the log, as after a loss of power.
    for name in ("spool.sqlite", "spool.sqlite-wal"):
        if os.path.exists(f"{spool}/{name}"):
            shutil.copy(f"{spool}/{name}", folder)
    database = sqlite3.connect(f"{folder}/spool.sqlite")
    tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    rows, waiting = [], 0
    if "record" in tables:
        rows = database.execute("SELECT position, host, bytes FROM record WHERE position > ? ORDER BY position", (last,)).fetchall()
        settled = " AND NOT EXISTS (SELECT 1 FROM settled WHERE position BETWEEN first AND last)" if "settled" in tables else ""
        (waiting,) = database.execute(
            "SELECT count(*) FROM record WHERE position > (SELECT max(position) FROM watermark)" + settled
        ).fetchone()
    database.close()

with open(known, "a", encoding="utf-8") as file:
    for position, host, data in rows:
        # The sink adds the stamp, which the map counts already.
        values = msgpack.unpackb(data.partition(b"\n\n")[2] + b"\xa6_stamp\xc0", strict_map_key=False)
        print(position, host or "_", values["relay"]["id"], hashlib.sha1(data).hexdigest(), sep="\t", file=file)
print(json.dumps({"committed": len(rows), "waiting": waiting}))
