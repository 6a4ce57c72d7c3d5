"""Processes that end with the one that started them, however it ends."""

import ctypes
import json
import os
import pwd
import select
import signal
import socket
import subprocess
import sys
import time

PR_SET_PDEATHSIG = 1


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Helper:
    """One of our scripts, that is told something a line at a time and answers so."""

    def __init__(self, *command):
        self.name = os.path.basename(command[0])
        here = os.path.dirname(os.path.abspath(__file__))
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(here, command[0]), *command[1:]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            preexec_fn=die_with_parent,
        )
        self.process.stdout.readline()

    def tell(self, line=""):
        self.process.stdin.write(line + "\n")

    def answer(self, limit=30):
        if not select.select([self.process.stdout], [], [], limit)[0]:
            raise SystemExit(f"error: {self.name} says nothing for {limit} s")
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"error: {self.name} ended early")
        return json.loads(line)

    def ask(self, line=""):
        self.tell(line)
        return self.answer()

    def end(self):
        self.process.kill()
        self.process.wait()


class Master:
    """A Salt master with its whole world in a folder, on ports of its own on loopback."""

    def __init__(self, salt, folder):
        self.folder = folder
        self.socks = f"{folder}/root/var/run/salt/master"
        ports = [self.free_port() for _ in range(6)]
        for name in ["etc", "srv", "home", "root/var/log/salt", "root/var/run", "root/var/cache/salt"]:
            os.makedirs(f"{folder}/{name}")
        with open(f"{folder}/etc/master", "w", encoding="utf-8") as file:
            file.write(
                f"""\
interface: 127.0.0.1
publish_port: {ports[0]}
ret_port: {ports[1]}
tcp_master_pub_port: {ports[2]}
tcp_master_pull_port: {ports[3]}
tcp_master_publish_pull: {ports[4]}
tcp_master_workers: {ports[5]}
root_dir: {folder}/root
conf_file: {folder}/etc/master
pki_dir: etc/salt/pki/master
cachedir: var/cache/salt/master
sock_dir: var/run/salt/master
log_file: var/log/salt/master
pidfile: var/run/salt-master.pid
file_roots: {{base: [{folder}/srv]}}
user: {pwd.getpwuid(os.getuid()).pw_name}
worker_threads: 2
log_level: warning
log_level_logfile: quiet
"""
            )
        self.port = ports[1]
        self.log = open(f"{folder}/master.out", "wb")
        self.process = subprocess.Popen(
            [f"{salt}/bin/python", f"{salt}/bin/salt-master", "-c", f"{folder}/etc"],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            env={"PATH": os.environ["PATH"], "HOME": f"{folder}/home", "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
            start_new_session=True,
            preexec_fn=die_with_parent,
        )

    @staticmethod
    def free_port():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    @property
    def pub(self):
        return f"{self.socks}/master_event_pub.ipc"

    @property
    def pull(self):
        return f"{self.socks}/master_event_pull.ipc"

    def wait(self, limit=25):
        """Until it takes events and minions; a file of a socket proves nothing."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                for path in (self.pull, self.pub):
                    with socket.socket(socket.AF_UNIX) as probe:
                        probe.connect(path)
                return
            except OSError:
                time.sleep(0.05)
        with open(self.log.name, encoding="utf-8", errors="replace") as file:
            sys.stderr.write(file.read()[-2000:])
        raise SystemExit("error: the Salt master did not start, see above")

    def end(self):
        """Asks it to end, and kills what is left of its session, which is its own."""
        self.process.terminate()
        try:
            self.process.wait(4)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.log.close()
