# SPDX-License-Identifier: Apache-2.0
"""The peer: the seed's system in Python, which driftguard is measured beside.

It lies in ../shared/peer, or where DRIFTGUARD_PEER says. It is copied before it runs, because it
keeps its files beside its scripts. Its database is the one that driftguard is measured on.
"""
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess

import parts
from driftguard import clean_environment, free_port

MODULES = ("fastapi", "httptools", "numpy", "psycopg2", "scipy", "ujson", "uvicorn", "uvloop")


def source():
    return pathlib.Path(os.environ.get("DRIFTGUARD_PEER", parts.ROOT.parent / "shared/peer"))


def why_absent():
    """None if the peer can run; else the reason, for people."""
    if not (source() / "run.sh").is_file():
        return (f"The peer is left out: it is not in {source()}; "
                "DRIFTGUARD_PEER says where it is.")
    missing = [name for name in MODULES if subprocess.run(
        ["/usr/bin/python3", "-c", f"import {name}"], stderr=subprocess.DEVNULL,
        check=False).returncode]
    if missing:
        return (f"The peer is left out: Python lacks {', '.join(missing)}; "
                "script/bench --peer installs them.")
    return None


class Peer:
    """The peer's API on a free port, with its own two workers, on a given database."""

    def __init__(self, folder, database_url):
        self.folder = pathlib.Path(folder)
        shutil.copytree(source(), self.folder, dirs_exist_ok=True)
        self.folder.chmod(0o755)
        self.url = f"http://127.0.0.1:{free_port()}"
        self.environment = {
            **clean_environment(), "DATABASE_URL": database_url, "NO_PROXY": "127.0.0.1",
            "BASELINE_PATH": str(self.folder / "baseline.json"),
            "API_PORT": self.url.rpartition(":")[2]}

    def _script(self, *words):
        """No pipes: what run.sh starts would keep them open."""
        with open(self.folder / "run.log", "a") as log:
            done = subprocess.run(["bash", self.folder / "run.sh", *words], env=self.environment,
                                  stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False)
        if done.returncode != 0:
            logs = [path.read_text() for path in sorted(self.folder.glob("*.log"))]
            raise parts.Failure(f"the peer's {' '.join(words)} failed: {''.join(logs)}")

    def __enter__(self):
        try:
            self._script("start-api")
        except BaseException:
            self._kill()
            raise
        return self

    def __exit__(self, *_):
        self._kill()

    def _processes(self):
        """Those of the API; run.sh notes the first of them as soon as it has started it."""
        note = self.folder / "api.pid"
        return parts.with_descendants(int(note.read_text())) if note.exists() else []

    def _kill(self):
        """Nothing is lost: what it has answered is committed."""
        for pid in self._processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        (self.folder / "api.pid").unlink(missing_ok=True)

    def build_baseline(self):
        parts.run("/usr/bin/python3", "-B", "baseline.py", "--window-minutes", 30,
                  cwd=self.folder, env=self.environment)

    def load(self, path="", **options):
        """As Driftguard.load()."""
        before = self.cpu_seconds()
        figures = parts.program_json("loadgen", url=self.url + path, **options)
        used = self.cpu_seconds() - before
        figures["server_cpu_us_per_event"] = 1e6 * used / max(1, figures["events_taken"])
        return figures

    def cpu_seconds(self):
        return sum(parts.cpu_seconds(pid) for pid in self._processes())
