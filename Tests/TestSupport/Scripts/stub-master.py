"""stub-master.py FOLDER: the two sockets of a master in FOLDER, and on them what a hostile one may do.

Each line of the input is a way to behave from then on; connections that are open stay, unless the line begins with `new`.

  honest   takes length-prefixed frames on pull and publishes them, bare, as 3007.15 does
  mute     takes them and publishes nothing
  stuck    publishes nothing and reads nothing from pull
  forge    publishes each event with another id, and its id under another tag, and never itself
  swallow  publishes honestly all but the first event that comes, as often as that comes
  flood    publishes honestly amid foreign events, as many as pub takes
  garbage  sends noise to whoever comes to pub
  half     publishes honestly up to the first event, of which it sends all but the end, a byte at a time
  giant    announces 4 GiB on pub and sends as much as is taken
  endless  the same in a frame of an allowed length, 127 MiB, again and again

What it has taken is said, a JSON line {"id"} an event.
"""

import json
import os
import re
import selectors
import socket
import sys

folder = sys.argv[1]
ID = re.compile(rb"\xa2id.{0,2}?([0-9a-f]{16}/[A-Za-z0-9._-]+/[0-9]+)", re.DOTALL)
PROBE = b"virt-aggregator/probe/"
NOISE = os.urandom(1 << 16)
ZEROS = b"\0" * (1 << 16)


def foreign(tag):
    body = tag + b"\n\n" + b"\x81\xa6filler\xd9\xff" + b"x" * 255
    return b"\x82\xa4head\x80\xa4body\xc5" + len(body).to_bytes(2, "big") + body


# Those under our own prefix have to be told apart by more than the beginning of their tags.
FLOOD = (foreign(b"salt/job/1/ret/minion") + foreign(b"salt/engines/libvirt_events/kvm01/domain/lifecycle")) * 200


class Subscriber:
    def __init__(self, connection):
        self.connection = connection
        self.pending = bytearray()
        self.is_cut = False

    def send(self, piece):
        # A subscriber that does not read costs no memory here; one that got half a frame gets no other.
        if len(self.pending) < 64 << 20 and not self.is_cut:
            self.pending += piece

    def write(self):
        if mode == "flood" and len(self.pending) < 1 << 16:
            self.pending += FLOOD
        if mode in ("giant", "endless", "garbage") and not self.pending:
            self.pending += NOISE if mode == "garbage" else ZEROS
        limit = 1 if mode == "half" else 1 << 18
        if self.pending:
            del self.pending[: self.connection.send(self.pending[:limit])]

    def wants(self):
        return bool(self.pending) or mode in ("flood", "giant", "endless", "garbage")


def greet(subscriber):
    if mode == "giant":
        subscriber.send(b"\x82\xa4head\x80\xa4body\xc6\xff\xff\xff\xff")
    elif mode == "endless":
        subscriber.send(b"\x82\xa4head\x80\xa4body\xc6" + (127 << 20).to_bytes(4, "big"))


def publish(frame):
    global swallowed
    probe = PROBE in frame[:100]
    match = ID.search(frame)
    if match and not probe:
        sys.stdout.write(json.dumps({"id": match[1].decode()}) + "\n")
        sys.stdout.flush()
    if probe and mode in ("forge", "half") or mode in ("honest", "flood"):
        pieces = [frame]
    elif mode == "swallow":
        if match and not probe:
            swallowed = swallowed or match[1]
        pieces = [] if match and not probe and match[1] == swallowed else [frame]
    elif mode == "half":
        pieces = [frame[:-1]]
    elif mode == "forge" and match:
        at = match.start(1)
        other = frame[:at] + bytes(reversed(frame[at : at + 16])) + frame[at + 16 :]
        tag = frame.replace(b"\n\n", b"x\n\n", 1).replace(b"salt/", b"sal/", 1)
        pieces = [other, tag, other, tag]
    else:
        pieces = []
    for subscriber in subscribers.values():
        for piece in pieces:
            subscriber.send(piece)
        if mode == "half" and not probe:
            subscriber.is_cut = True


def listen(name):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"{folder}/{name}")
    listener.listen(64)
    listener.setblocking(False)
    return listener


def close(connection):
    subscribers.pop(connection, None)
    senders.pop(connection, None)
    connection.close()


mode = "honest"
swallowed = None
subscribers = {}
senders = {}
pub = listen("master_event_pub.ipc")
pull = listen("master_event_pull.ipc")
os.set_blocking(0, False)
words = b""
sys.stdout.write('{"ready": true}\n')
sys.stdout.flush()
while True:
    selector = selectors.DefaultSelector()
    for listener in (pub, pull, 0):
        selector.register(listener, selectors.EVENT_READ)
    for connection, subscriber in subscribers.items():
        selector.register(connection, selectors.EVENT_READ | (selectors.EVENT_WRITE if subscriber.wants() else 0))
    if mode != "stuck":
        for connection in senders:
            selector.register(connection, selectors.EVENT_READ)
    events = selector.select()
    selector.close()
    for key, mask in events:
        try:
            if key.fileobj == 0:
                chunk = os.read(0, 4096)
                if not chunk:
                    sys.exit()
                words += chunk
                *lines, words = words.split(b"\n")
                for line in lines:
                    *new, mode = line.decode().split()
                    if new:
                        for connection in list(subscribers) + list(senders):
                            close(connection)
            elif key.fileobj is pub:
                connection, _ = pub.accept()
                connection.setblocking(False)
                subscribers[connection] = Subscriber(connection)
                greet(subscribers[connection])
            elif key.fileobj is pull:
                connection, _ = pull.accept()
                connection.setblocking(False)
                senders[connection] = bytearray()
            elif key.fileobj in subscribers:
                if mask & selectors.EVENT_READ and not key.fileobj.recv(4096):
                    close(key.fileobj)
                elif mask & selectors.EVENT_WRITE:
                    subscribers[key.fileobj].write()
            elif key.fileobj in senders:
                chunk = key.fileobj.recv(1 << 16)
                if not chunk:
                    close(key.fileobj)
                    continue
                buffer = senders[key.fileobj]
                buffer += chunk
                while len(buffer) >= 4 and len(buffer) >= 4 + (length := int.from_bytes(buffer[:4], "big")):
                    publish(bytes(buffer[4 : 4 + length]))
                    del buffer[: 4 + length]
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            close(key.fileobj)
