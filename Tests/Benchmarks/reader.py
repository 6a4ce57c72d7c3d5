"""reader.py PUB: a subscriber that throws away what it reads, as cheaply as it can: our own place at the raw sender's bus."""

import sys
import time

import bus

ears = bus.connect(sys.argv[1])
buffer = bytearray(1 << 20)
print("ready", flush=True)
while ears.recv_into(buffer):
    time.sleep(0.001)
