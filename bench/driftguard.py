# SPDX-License-Identifier: Apache-2.0
"""A driftguard server of one's own."""
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

import parts
from parts import Failure

# What driftguard reads besides DRIFTGUARD_*: a measurement's own settings must be the only ones.
SETTINGS = ("DATABASE_URL", "BASELINE_PATH", "DRIFT_WINDOW_MINUTES", "KS_P_MIN", "PSI_MAX",
            "SLO_SUCCESS_MIN", "SLO_P95_MAX", "SLACK_WEBHOOK_URL")
START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 60


def clean_environment():
    return {name: value for name, value in os.environ.items()
            if not name.startswith("DRIFTGUARD_") and name not in SETTINGS}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Driftguard:
    """`driftguard serve` in a folder, which may be an earlier one's; leaves nothing running.

    With wait=False it is on its way when the block begins: wait_for_answer() tells how long it is.
    """

    def __init__(self, folder, store=None, settings=None, wait=True):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.data = self.folder / "data"
        self.store = store or f"rocksdb:{self.data}"
        self.settings = {name: str(value) for name, value in (settings or {}).items()}
        self.wait = wait

    def __enter__(self):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        with open(self.folder / "out", "w") as out, open(self.folder / "err", "w") as err:
            self.began = time.monotonic()
            self.process = subprocess.Popen(
                [parts.BUILD / "driftguard", "serve", "--listen", f"127.0.0.1:{self.port}",
                 "--store", self.store],
                cwd=self.folder, env={**clean_environment(), **self.settings},
                stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        try:
            if self.wait:
                self.wait_for_answer("/health")
        except BaseException:
            self.process.kill()
            raise
        return self

    def __exit__(self, failed, *_):
        if self.process.returncode is not None:
            return  # Killed.
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        if code != 0 and failed is None:
            raise Failure(f"the server ended with {code}: {self.errors()}")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def errors(self):
        return (self.folder / "err").read_text()

    def wait_for_answer(self, path):
        """Milliseconds from the program's start to its first 200 here."""
        while time.monotonic() < self.began + START_SECONDS_MAX and self.process.poll() is None:
            try:
                if self.request("GET", path)[0] == 200:
                    return 1000 * (time.monotonic() - self.began)
            except OSError:
                pass
            time.sleep(0.001)
        raise Failure(f"the server did not answer {path}: {self.errors()}")

    # --- HTTP. ---

    def request(self, method, path, body=None):
        """The answer's status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(method, path, body and json.dumps(body),
                               {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def ask(self, method, path, body=None):
        """Like request(), for what has to be answered well."""
        status, answer = self.request(method, path, body)
        if status not in (200, 201):
            raise Failure(f"{method} {path} was answered with {status}: {answer.decode()}")
        return answer

    def load(self, path="", **options):
        """loadgen's figures, and what the server's processor time came to for an event."""
        before = self.cpu_seconds()
        figures = parts.program_json("loadgen", url=self.url + path, **options)
        used = self.cpu_seconds() - before
        figures["server_cpu_us_per_event"] = 1e6 * used / max(1, figures["events_taken"])
        return figures

    def metrics(self):
        """Samples of /metrics without labels, by name."""
        text = self.ask("GET", "/metrics").decode()
        return {name: float(value)
                for name, value in re.findall(r"^(\w+) ([-+.\w]+)$", text, re.MULTILINE)}

    # --- The process. ---

    def cpu_seconds(self):
        return parts.cpu_seconds(self.process.pid)

    def memory_bytes(self):
        return parts.memory_bytes(self.process.pid, "VmRSS")

    def peak_memory_bytes(self):
        return parts.memory_bytes(self.process.pid, "VmHWM")

    def wait_until_quiet(self, seconds_max):
        """Until compaction is done: what is measured next must not pay for what was before."""
        deadline = time.monotonic() + seconds_max
        quiet = 0
        while quiet < 3 and time.monotonic() < deadline:
            before = self.cpu_seconds()
            time.sleep(0.2)
            quiet = quiet + 1 if self.cpu_seconds() - before < 0.03 else 0
