# SPDX-License-Identifier: Apache-2.0
"""The rows of a benchmark run: printed as a table for people, written as JSON for programs."""
import dataclasses
import datetime
import json
import os
import pathlib
import platform
import re
import subprocess
from typing import Optional


@dataclasses.dataclass
class Row:
    """One measured figure beside its limit, measured in the same run, and its target."""
    what: str
    figure: float
    unit: str
    limit: Optional[float] = None
    limit_what: str = ""
    target: Optional[float] = None
    target_of: str = "figure"  # Or "ratio".
    target_is: str = "least"   # Or "most".

    @property
    def ratio(self):
        return self.figure / self.limit if self.limit else None

    @property
    def verdict(self):
        if self.target is None:
            return ""
        value = self.ratio if self.target_of == "ratio" else self.figure
        met = value >= self.target if self.target_is == "least" else value <= self.target
        return "ok" if met else "short"

    def target_text(self):
        if self.target is None:
            return ""
        sign = ">=" if self.target_is == "least" else "<="
        what = "ratio " if self.target_of == "ratio" else ""
        return f"{what}{sign} {number(self.target)}"

    def cells(self):
        return [self.what, f"{number(self.figure)} {self.unit}",
                f"{number(self.limit)} {self.limit_what}" if self.limit else "",
                number(self.ratio) if self.limit else "", self.target_text(), self.verdict]

    def as_json(self):
        return {**dataclasses.asdict(self), "ratio": self.ratio, "verdict": self.verdict}


HEAD = ["measured", "figure", "limit in this run", "ratio", "target", ""]


def number(value):
    """Three digits that matter, and no more."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    if abs(value) >= 0.001:
        return f"{value:.3g}"
    return f"{value:.2g}"


def text_of(rows, columns=len(HEAD)):
    """A Markdown table of the first columns, lined up."""
    cells = [line[:columns] for line in (HEAD, *(row.cells() for row in rows))]
    widths = [max(len(line[i]) for line in cells) for i in range(columns)]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |"
             for line in cells]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def commit(root):
    """The commit measured; "+" behind it where the sources are not those of the commit."""
    def git(*words):
        return subprocess.run(["git", "-C", root, *words], stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.DEVNULL, check=False).stdout.strip()
    changed = git("status", "--porcelain", "--", "src", "CMakeLists.txt", "CMakePresets.json")
    return git("rev-parse", "--short=12", "HEAD") + ("+" if changed else "")


def machine(root):
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())
    return {"cpu": cpu[1] if cpu else platform.machine(),
            "cores": len(os.sched_getaffinity(0)),
            "memory_mb": int(memory[1]) // 1024,
            "kernel": platform.release(),
            "commit": commit(root),
            "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            "load_average_before": os.getloadavg()[0]}


def machine_line(facts):
    return ("{cores} x {cpu}, {memory_mb} MB, Linux {kernel}, commit {commit}, {date}, "
            "load average {load_average_before:.2f} before, {load_average_after:.2f} after"
            .format(**facts))


def write_json(path, facts, run):
    path.parent.mkdir(exist_ok=True)
    tables = {name: [row.as_json() for row in getattr(run, name)]
              for name in ("rows", "limits", "stages")}
    document = {"machine": facts, **tables, "notes": run.notes, "samples": run.samples.all}
    path.write_text(json.dumps(document, indent=1) + "\n")
