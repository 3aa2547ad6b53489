# SPDX-License-Identifier: Apache-2.0
"""What measurements share: the built programs, processes' figures, a scratch folder."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build/release"


class Failure(Exception):
    """A measurement that could not be made; the text is for people."""


def run(*command, **options):
    """Runs a program to its end; gives what it printed."""
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False, **options)
    if done.returncode != 0:
        raise Failure(f"{command[0]} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def run_into(out, *command):
    """Runs a program to its end; what it prints goes to an open file."""
    subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=out,
                   check=True)


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


# --- Processes, as the kernel counts them. ---

def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
    user, system = fields.split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def memory_bytes(pid, kind):
    """`kind`: VmRSS, what it has now, or VmHWM, the most it ever had."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{kind}:\s+(\d+) kB", status)[1]) * 1024


def with_descendants(pid):
    """The process and all that it has started."""
    parents = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = [pid]
    for parent in found:
        found += [child for child, of in parents.items() if of == parent]
    return found


def directory_bytes(directory):
    """What the files take on the disk, as du counts."""
    return sum(path.lstat().st_blocks * 512 for path in pathlib.Path(directory).rglob("*"))


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
