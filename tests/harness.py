# SPDX-License-Identifier: Apache-2.0
"""The built program under test: start it, talk to it, stop it, kill it, start it again.

Nothing here knows the source; a Server is a process, a port and a folder.
"""
import contextlib
import functools
import http.client
import io
import json
import os
import pathlib
import random
import re
import signal
import socket
import struct
import subprocess
import time

import pytest
import requests

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = pathlib.Path(os.environ.get("DRIFTGUARD_BINARY", ROOT / "build/release/driftguard"))

# What the program reads besides DRIFTGUARD_*; a test's own settings must be the only ones.
SETTINGS = ("DATABASE_URL", "BASELINE_PATH", "DRIFT_WINDOW_MINUTES", "KS_P_MIN", "PSI_MAX",
            "SLO_SUCCESS_MIN", "SLO_P95_MAX", "SLACK_WEBHOOK_URL")
START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 30
SANITIZED_PATIENCE = 3
POLL_SECONDS_MAX = 0.1

# For tests, or whole modules, that one store is enough for.
EMBEDDED = pytest.mark.parametrize("engine", ["rocksdb"], indirect=True)
ON_POSTGRES = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)


@functools.lru_cache(maxsize=None)
def sanitized():
    """Whether the program is built with a sanitizer: slower, and with memory of its own."""
    needed = subprocess.run(["ldd", BINARY], capture_output=True, check=False).stdout
    return b"libasan" in needed or b"libtsan" in needed


def clean_environment(settings=None):
    """This process's environment without anything the program would read, and `settings`."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith("DRIFTGUARD_") and name not in SETTINGS}
    kept.update({name: str(value) for name, value in (settings or {}).items()})
    return kept


def wait_until(condition, seconds=10, why="it did not happen"):
    """Polls until condition() is true, and gives what it gave; less and less often, so that those
    who wait leave the processors to those who work. Sanitizers are given longer."""
    seconds *= SANITIZED_PATIENCE if sanitized() else 1
    began = time.monotonic()
    while True:
        result = condition()
        if result:
            return result
        waited = time.monotonic() - began
        assert waited < seconds, f"{why} within {seconds} s"
        time.sleep(min(POLL_SECONDS_MAX, 0.01 + waited / 20))


class Server:
    """One `driftguard serve` on a free port of 127.0.0.1, in a folder of its own."""

    def __init__(self, folder, database_url=None, settings=None, toml=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.settings = {"DATABASE_URL": database_url or f"rocksdb:{self.folder / 'data'}",
                         "DRIFTGUARD_LOG_LEVEL": "warn", **(settings or {})}
        if toml is not None:
            (self.folder / "driftguard.toml").write_text(toml)
        self.binary = BINARY
        self.process = None
        self.port = None
        self.session = None

    # --- The process. ---

    def spawn(self, arguments=("--listen", "127.0.0.1:0")):
        """Starts the process without waiting for it to answer."""
        assert not self.running()
        with open(self.folder / "stderr", "ab") as err, open(self.folder / "stdout", "wb") as out:
            self.process = subprocess.Popen(
                [self.binary, "serve", *arguments], cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=out, stderr=err, env=clean_environment(self.settings))
        return self

    def wait_ready(self):
        """Waits for the line that says where it listens."""
        def line():
            assert self.running(), f"the server ended with {self.process.poll()}: {self.stderr()}"
            return re.search(r"http://[^ ]+:(\d+)", (self.folder / "stdout").read_text())
        self.port = int(wait_until(line, START_SECONDS_MAX, "the server did not listen")[1])
        self.session = requests.Session()
        self.session.trust_env = False  # No proxy stands before it.
        return self

    def start(self):
        return self.spawn().wait_ready()

    def running(self):
        return self.process is not None and self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=STOP_SECONDS_MAX):
        code = self.process.wait(seconds)
        if self.session:
            self.session.close()
        return code

    def stop(self):
        """SIGTERM; gives the exit code."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        self.signal(signal.SIGKILL)
        return self.wait()

    def restart(self):
        assert self.stop() == 0, self.stderr()
        return self.start()

    def stderr(self):
        return (self.folder / "stderr").read_text(errors="replace")

    # --- Memory, as the kernel counts it. ---

    def forget_peak_memory(self):
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def peak_memory_bytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024

    # --- HTTP. ---

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def request(self, method, path, **options):
        return self.session.request(method, self.url + path, timeout=60, **options)

    def get(self, path, **parameters):
        return self.request("GET", path, params=parameters)

    def post(self, path, **options):
        return self.request("POST", path, **options)

    def ingest(self, events, key=None, content_type="application/json", encoding=None, **params):
        """POST /v1/ingest of a list of events, or of bytes as they are."""
        body = events if isinstance(events, bytes) else json.dumps(events).encode()
        headers = {"Content-Type": content_type}
        if key is not None:
            headers["Idempotency-Key"] = key
        if encoding is not None:
            headers["Content-Encoding"] = encoding
        return self.post("/v1/ingest", data=body, headers=headers, params=params)

    def store(self, events, **options):
        """Like ingest(), for what has to be taken."""
        answer = self.ingest(events, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def lines(self, **parameters):
        """The stored events' own texts, all pages of GET /v1/events."""
        found, cursor = [], {}
        while True:
            answer = self.get("/v1/events", limit=10000, **parameters, **cursor)
            assert answer.status_code == 200, answer.text
            found += answer.content.decode().split("\n")[:-1]
            if "Next-Cursor" not in answer.headers:
                return found
            cursor = {"cursor": answer.headers["Next-Cursor"]}

    def events(self, **parameters):
        return [json.loads(line) for line in self.lines(**parameters)]

    def report(self, **parameters):
        answer = self.get("/reports/latest", **parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def build_baseline(self, service, begin, end):
        answer = self.post("/v1/baselines",
                           json={"service": service, "from": rfc3339(begin), "to": rfc3339(end)})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def metrics(self):
        """Samples of /metrics without labels, by name."""
        return {name: float(value) for name, value in
                re.findall(r"^(\w+) ([-+.\w]+)$", self.get("/metrics").text, re.MULTILINE)}

    def is_well(self):
        answer = self.get("/health")
        return answer.status_code == 200 and answer.json()["status"] == "ok"


# --- Events. ---

NOON = 1_735_732_800  # 2025-01-01T12:00:00Z, in seconds; windows of tests are told by it.


def rfc3339(seconds):
    whole = int(seconds // 1)
    micros = round((seconds - whole) * 1e6)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{micros:06d}Z"


def event(service, ts=NOON, endpoint="POST /v2/payments", host=None, status=200, duration_ms=100,
          response=None, **body):
    """One event; `body` becomes request.body. status or duration_ms None: left out."""
    answer = {"status": status, "duration_ms": duration_ms, **(response or {})}
    made = {"ts": ts if isinstance(ts, str) else rfc3339(ts), "service": service,
            "endpoint": endpoint, "request": {"body": body},
            "response": {name: value for name, value in answer.items() if value is not None}}
    if host is not None:
        made["host"] = host
    return made


def events_of(service, name, values, begin=NOON, seconds=600, **fields):
    """One event a value of the feature `name`, spread evenly over the seconds from `begin`."""
    step = seconds / max(1, len(values))
    return [event(service, begin + i * step, **{name: value}, **fields)
            for i, value in enumerate(values)]


def seeded(announce=print):
    """A random generator whose seed is printed, or given by DRIFTGUARD_TEST_SEED."""
    seed = int(os.environ.get("DRIFTGUARD_TEST_SEED", random.SystemRandom().randrange(1 << 32)))
    announce(f"DRIFTGUARD_TEST_SEED={seed}")
    return random.Random(seed)


# --- A client that may be rude. ---

class _KeptReader(io.BufferedReader):
    """Stays open when an HTTPResponse is done with it: it may hold some of the next answer."""

    def close(self):
        pass

    def makefile(self, _mode):
        return self


class RawClient:
    """A TCP connection: bytes as they are, and what a real client would never do."""

    def __init__(self, server, timeout=30):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout)
        self.reader = _KeptReader(socket.SocketIO(self.socket, "r"))

    def send(self, data):
        self.socket.sendall(data)
        return self

    def send_ignoring_refusal(self, data):
        with contextlib.suppress(ConnectionError):
            self.socket.sendall(data)
        return self

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)
        return self

    def reset(self):
        """Closes with RST, as a process that dies with unread input does."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def answer(self):
        """(status, headers, body) of the next answer."""
        response = http.client.HTTPResponse(self.reader)
        response.begin()
        return response.status, dict(response.getheaders()), response.read()

    def ended(self):
        """Whether the server closed: nothing more comes."""
        try:
            return self.reader.read(1) == b""
        except ConnectionError:
            return True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def ingest_request(body, headers=(), length=None):
    """The bytes of a POST /v1/ingest; `length`: a Content-Length that may lie."""
    lines = ["POST /v1/ingest HTTP/1.1", "Host: localhost", "Content-Type: application/json",
             f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


CHUNKED_INGEST = (b"POST /v1/ingest HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json"
                  b"\r\nTransfer-Encoding: chunked\r\n\r\n")
