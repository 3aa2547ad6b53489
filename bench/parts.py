# SPDX-License-Identifier: Apache-2.0
"""What a measurement is made of: the built programs, a driftguard server, a PostgreSQL server."""
import contextlib
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build/release"

# What driftguard reads besides DRIFTGUARD_*: a measurement's own settings must be the only ones.
SETTINGS = ("DATABASE_URL", "BASELINE_PATH", "DRIFT_WINDOW_MINUTES", "KS_P_MIN", "PSI_MAX",
            "SLO_SUCCESS_MIN", "SLO_P95_MAX", "SLACK_WEBHOOK_URL")
START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 60


class Failure(Exception):
    """A measurement that could not be made; the text is for people."""


def clean_environment():
    return {name: value for name, value in os.environ.items()
            if not name.startswith("DRIFTGUARD_") and name not in SETTINGS}


def run(*command, **options):
    """Runs a program to its end; gives what it printed."""
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False, **options)
    if done.returncode != 0:
        raise Failure(f"{command[0]} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def flags_of(options):
    """{"span_seconds": 5, "get": True} as --span-seconds 5 --get."""
    words = []
    for name, value in options.items():
        words.append("--" + name.replace("_", "-"))
        if value is not True:
            words.append(str(value))
    return words


def program_json(name, **options):
    """Runs one of our programs, which print one JSON object."""
    return json.loads(run(BUILD / name, *flags_of(options)))


class Driftguard:
    """`driftguard serve` on a free port, in a folder of its own; leaves nothing running."""

    def __init__(self, folder, store=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.data = self.folder / "data"
        self.store = store or f"rocksdb:{self.data}"

    def __enter__(self):
        with open(self.folder / "out", "w") as out, open(self.folder / "err", "w") as err:
            self.process = subprocess.Popen(
                [BUILD / "driftguard", "serve", "--listen", "127.0.0.1:0", "--store", self.store],
                cwd=self.folder, env=clean_environment(), stdin=subprocess.DEVNULL, stdout=out,
                stderr=err)
        try:
            self.url = self._wait_for_url()
        except BaseException:
            self.process.kill()
            raise
        return self

    def __exit__(self, failed, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        if code != 0 and failed is None:
            raise Failure(f"the server ended with {code}: {(self.folder / 'err').read_text()}")

    def _wait_for_url(self):
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline and self.process.poll() is None:
            found = re.search(r"http://[^ ]+:\d+", (self.folder / "out").read_text())
            if found:
                return found[0]
            time.sleep(0.02)
        raise Failure(f"the server did not start: {(self.folder / 'err').read_text()}")

    def load(self, path="", **options):
        """loadgen's figures, and what the server's processor time came to for an event."""
        before = self.cpu_seconds()
        figures = program_json("loadgen", url=self.url + path, **options)
        used = self.cpu_seconds() - before
        figures["server_cpu_us_per_event"] = 1e6 * used / max(1, figures["events_taken"])
        return figures

    def post(self, path, body):
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        no_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with no_proxy.open(request, timeout=60) as answer:
            return json.load(answer)

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2]
        user, system = fields.split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def peak_memory_bytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024

    def wait_until_quiet(self, seconds_max):
        """Until compaction is done: what is measured next must not pay for what was before."""
        deadline = time.monotonic() + seconds_max
        quiet = 0
        while quiet < 3 and time.monotonic() < deadline:
            before = self.cpu_seconds()
            time.sleep(0.2)
            quiet = quiet + 1 if self.cpu_seconds() - before < 0.03 else 0


def directory_bytes(directory):
    """What the files take on the disk, as du counts."""
    return sum(path.lstat().st_blocks * 512 for path in pathlib.Path(directory).rglob("*"))


def postgres_programs():
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise Failure("There is no PostgreSQL server: script/bootstrap installs it.")
    return found[-1].parent


class Postgres:
    """Debian's PostgreSQL on a private socket, with its own default settings: fsync is on."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.programs = postgres_programs()
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)

    def _run(self, program, *arguments):
        as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        # No pipes: the server keeps what it inherits, and the end of a pipe would never come.
        done = subprocess.run(
            [*as_user, self.programs / program, "-D", self.folder / "data", *arguments], cwd="/",
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            check=False)
        if done.returncode != 0:
            raise Failure(f"{program} ended with {done.returncode}")

    def __enter__(self):
        self._run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8")
        with (self.folder / "data/postgresql.conf").open("a") as conf:
            conf.write(f"listen_addresses = ''\nunix_socket_directories = '{self.folder}'\n")
        self._run("pg_ctl", "-w", "-l", self.folder / "log", "start")
        return self

    def __exit__(self, *_):
        with contextlib.suppress(Failure):
            self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def url(self, database):
        return f"postgresql:///{database}?host={self.folder}&user=postgres"

    def psql(self, database, *commands):
        words = [word for command in commands for word in ("-c", command)]
        return run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", *words, self.url(database))

    @contextlib.contextmanager
    def database(self, name, template="template0"):
        """A database while it is needed, with no writes of earlier ones still under way."""
        self.psql("postgres", f"CREATE DATABASE {name} TEMPLATE {template}", "CHECKPOINT")
        try:
            yield name
        finally:
            self.psql("postgres", f"DROP DATABASE {name} WITH (FORCE)")


@contextlib.contextmanager
def scratch_folder():
    """A folder on the disk that is measured ($TMPDIR, /tmp); removed at the end, come what may."""
    base = pathlib.Path(os.environ.get("TMPDIR", "/tmp"))
    folder = base / f"driftguard_bench.{os.getpid()}"
    folder.mkdir(mode=0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
