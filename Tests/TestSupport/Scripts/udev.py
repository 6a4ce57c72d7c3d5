#!/usr/bin/env python3
"""udev.py ACTION DEVPATH SUBSYSTEM [KEY=VALUE...]: what udevd would tell everybody in this network namespace.

A daemon listens if, when it started, /run/udev/control was there. Needs root."""
import socket
import struct
import sys
import time

action, path, subsystem, *more = sys.argv[1:]
properties = [
    f"ACTION={action}", f"DEVPATH={path}", f"SUBSYSTEM={subsystem}", "SEQNUM=1",
    f"USEC_INITIALIZED={int(time.monotonic() * 1e6)}", *more,
]
body = b"".join(text.encode() + b"\0" for text in properties)
head = b"libudev\0" + struct.pack(">I", 0xFEEDCAFE) + struct.pack("=III", 40, 40, len(body)) + bytes(16)
NETLINK_KOBJECT_UEVENT, UDEV = 15, 2
sender = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_KOBJECT_UEVENT)
sender.bind((0, 0))
sender.sendto(head + body, (0, UDEV))
