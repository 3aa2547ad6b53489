# SPDX-License-Identifier: Apache-2.0
"""Rules of the tree that no compiler checks. Each test is one rule and says what to do about it.

Needs nothing but Python's own library and the source: no build.
"""
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
CODE = (".cpp", ".h")
WEB = (".ts", ".tsx")

# Who may include whom: each room and the rooms right of it, as docs/ARCHITECTURE.md draws them.
# A store keeps summaries as opaque bytes, so it knows nothing of what they mean.
LOW = {"core"}
NUMBERS = LOW | {"stats"}
SKETCH = NUMBERS | {"sketch"}
ROLLUP = SKETCH | {"rollup"}
INGEST = ROLLUP | {"store", "ingest"}
WINDOW = INGEST | {"window"}
ALERT = WINDOW | {"baseline", "alarm", "alert"}
REPORT = ALERT | {"report"}
NOTIFY = ALERT | {"client", "notify"}
API = REPORT | {"guard", "notify", "http", "api"}
ENGINES = {"store/rocksdb", "store/postgres", "store/clickhouse"}
MAY_INCLUDE = {
    "core": LOW,
    "stats": NUMBERS,
    "sketch": SKETCH,
    "rollup": ROLLUP,
    "store": {"core", "store"},
    **{engine: {"core", "store", engine} for engine in ENGINES},
    "ingest": INGEST,
    "window": WINDOW,
    "baseline": WINDOW | {"baseline"},
    "alarm": ROLLUP | {"alarm"},
    "report": REPORT,
    "guard": REPORT | {"guard"},
    "alert": ALERT,
    "http": {"core", "http"},
    "load": {"core", "load"},
    "client": {"core", "client"},
    "notify": NOTIFY,
    "api": API,
    "cli": API | ENGINES | {"client", "load", "cli"},
    "": {"cli"},  # src/main.cpp
}
# What a room's tests may use besides: the rooms below it in the one line of dependence.
ORDER = ["core", "load", "client", "stats", "sketch", "rollup", "alarm", "http", "store", "store/*",
         "ingest", "window", "baseline", "alert", "notify", "report", "guard", "api", "cli"]

LINES_MAX = 500
TEST_LINES_MAX = 700
COLUMNS_MAX = 100
MARKERS = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
MACHINE_PATH = re.compile(r"(^|[^A-Za-z0-9_.-])/(work|farm)/")
PACKAGE_HOST = re.compile(
    r"https?://[^\s\"']*(debian\.|ubuntu\.|apt\.|npmjs|yarnpkg|pypi|pythonhosted|registry|mirror)")


def files(*folders, root=ROOT, suffixes=CODE):
    found = [path for folder in folders for path in sorted((root / folder).rglob("*"))]
    return [path for path in found if path.is_file() and path.suffix in suffixes]


def tracked():
    """Every text file git knows, new ones included."""
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT,
                           check=True, stdout=subprocess.PIPE).stdout.decode().split("\0")
    for name in filter(None, names):
        path = ROOT / name
        if path.is_file() and not name.startswith("tests/corpus/"):
            data = path.read_bytes()
            if b"\0" not in data:
                yield name, data.decode("utf-8", "replace")


def is_test(path):
    return re.search(r"^testing_|_(test|bench|fuzz)\.(cpp|h)$", path.name) is not None


def room_of(path):
    """The room of a file or of an include, both written from src/."""
    folder = pathlib.PurePosixPath(path).parent
    parts = folder.parts
    return "/".join(parts[:2] if parts[:1] == ("store",) else parts[:1])


def rank(room):
    return ORDER.index("store/*" if room in ENGINES else room) if room else len(ORDER)


def may_include(room, target, in_test):
    if room == target or target in MAY_INCLUDE[room]:
        return True
    return in_test and rank(target) < rank(room)


def wrong_includes(root):
    """Sentences about the includes under root/src that point up, or nowhere."""
    wrong = []
    for path in files("src", root=root):
        name = path.relative_to(root / "src").as_posix()
        room = room_of(name)
        if room not in MAY_INCLUDE:
            wrong.append(f"src/{name}: no room named {room}; add it to tests/tidy_test.py")
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not match:
                continue
            include, target = match[1], room_of(match[1])
            if not (root / "src" / include).is_file():
                wrong.append(f"src/{name}:{number}: {include} is no file under src/; "
                             "write the path from there")
            elif target not in MAY_INCLUDE or not may_include(room, target, is_test(path)):
                wrong.append(f"src/{name}:{number}: {room or 'main'} must not include {include}")
            elif "/testing_" in include and not is_test(path):
                wrong.append(f"src/{name}:{number}: {include} is for tests alone")
    return wrong


def complain(wrong, advice):
    assert not wrong, advice + "\n" + "\n".join(wrong)


def places(paths, pattern):
    return [f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
            for path in paths
            for number, line in enumerate(path.read_text().splitlines(), 1)
            if pattern.search(line)]


def test_includes_point_down():
    complain(wrong_includes(ROOT), "Dependencies point one way (docs/ARCHITECTURE.md):")


@pytest.mark.parametrize("name, include, verdict", [
    ("stats/ks.cpp", "core/result.h", "fine"),
    ("core/time.cpp", "stats/ks.h", "wrong"),
    ("http/session.cpp", "report/report.h", "wrong"),
    ("store/store.h", "rollup/rollup.h", "wrong"),
    ("store/rocksdb/engine.cpp", "store/store.h", "fine"),
    ("store/rocksdb/engine.cpp", "rollup/rollup.h", "wrong"),
    ("store/rocksdb/engine_test.cpp", "rollup/rollup.h", "fine"),
    ("ingest/writer.cpp", "store/rocksdb/engine.h", "wrong"),
    ("ingest/writer_test.cpp", "store/rocksdb/engine.h", "fine"),
    ("ingest/writer_test.cpp", "api/ingest.h", "wrong"),
    ("ingest/writer_test.cpp", "store/testing_contract.h", "fine"),
    ("ingest/writer.cpp", "store/testing_contract.h", "wrong"),
    ("cli/serve.cpp", "store/rocksdb/engine.h", "fine"),
    ("attic/old.cpp", "core/result.h", "wrong"),
    ("main.cpp", "cli/cli.h", "fine"),
    ("main.cpp", "report/report.h", "wrong"),
    ("cli/serve.cpp", "serve.h", "wrong"),
])
def test_a_wrong_include_is_noticed(tmp_path, name, include, verdict):
    for file in (name, include if "/" in include else "cli/serve.h"):
        (tmp_path / "src" / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "src" / file).touch()
    (tmp_path / "src" / name).write_text(f'#pragma once\n#include "{include}"\n#include <map>\n')
    assert len(wrong_includes(tmp_path)) == (verdict == "wrong")


def test_files_are_short():
    wrong = []
    for path in files("src", "bench", "tests", suffixes=(*CODE, ".py")):
        lines = len(path.read_text().splitlines())
        limit = TEST_LINES_MAX if is_test(path) or path.suffix == ".py" else LINES_MAX
        if lines > limit:
            wrong.append(f"{path.relative_to(ROOT)}: {lines} lines, at most {limit}")
    complain(wrong, "Does each of these hold one idea? Split it:")


def test_lines_are_short():
    wide = re.compile(rf"^.{{{COLUMNS_MAX + 1}}}")
    paths = files("src", "bench", "tests", suffixes=(*CODE, ".py"))
    complain(places(paths, wide), f"At most {COLUMNS_MAX} columns:")


def test_sources_begin_with_their_licence():
    head = "// SPDX-License-Identifier: Apache-2.0\n"
    web = [path for path in files("web/src", "web/tests", "web/tools", suffixes=WEB)
           if path.name != "schema.d.ts"]  # Generated.
    wrong = [str(path.relative_to(ROOT)) for path in [*files("src", "bench", "tests"), *web]
             if not path.read_text().startswith(head)]
    complain(wrong, f"The first line must be {head!r}:")


def rooms_built():
    cmake = (ROOT / "src/CMakeLists.txt").read_text()
    return set(re.findall(r"^driftguard_room\(\S+ ([^\s)]+)", cmake, re.MULTILINE))


def test_every_source_is_built():
    rooms = rooms_built()
    wrong = []
    for path in files("src", suffixes=(".cpp",)):
        name = path.relative_to(ROOT / "src")
        if name.as_posix() != "main.cpp" and name.parent.as_posix() not in rooms:
            wrong.append(str(path.relative_to(ROOT)))
    complain(wrong, "No driftguard_room() of src/CMakeLists.txt finds these, so they never run:")


def test_nothing_is_left_for_later():
    paths = files("src", "bench", "tests", suffixes=(*CODE, ".py"))
    paths += files("web/src", "web/tests", "web/tools", suffixes=WEB)
    complain(places(paths, MARKERS), "Do it, or write an issue:")


def test_no_path_of_one_machine():
    wrong = [f"{name}:{number}: {line.strip()[:80]}" for name, text in tracked()
             for number, line in enumerate(text.splitlines(), 1) if MACHINE_PATH.search(line)]
    complain(wrong, "These paths exist on one machine only:")


def test_packages_come_from_where_the_user_says():
    wrong = []
    for name, text in tracked():
        lock = name.endswith(("-lock.json", ".lock"))
        if lock or name.startswith(("script/", ".ci/", "deploy/")):
            wrong += [f"{name}: {match[0]}" for match in PACKAGE_HOST.finditer(text)]
            if lock:
                wrong += [f"{name}: {match}" for match in
                          re.findall(r'"resolved": *"https?://[^"]*"', text)]
    complain(wrong, "Scripts and lock files must not name package hosts:")


def test_every_folder_is_described():
    text = (ROOT / "docs/ARCHITECTURE.md").read_text()
    rooms = {room_of(path.relative_to(ROOT / "src")) for path in files("src")} - {""}
    wrong = sorted(room for room in rooms if not re.search(rf"\b{room}\b", text))
    complain(wrong, "docs/ARCHITECTURE.md does not say what these folders of src/ are for:")


def variables_read():
    """Environment variables the program knows: the names in the configuration's source."""
    text = "".join(path.read_text() for path in files("src/core")
                   if path.name.startswith("config") and not is_test(path))
    return set(re.findall(r'"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)"', text))


@pytest.mark.parametrize("page", [".env.example", "docs/CONFIGURATION.md"])
def test_every_variable_is_documented(page):
    variables = variables_read()
    assert variables, "src/core/config.cpp names no variable"
    text = (ROOT / page).read_text()
    wrong = sorted(name for name in variables if not re.search(rf"\b{name}\b", text))
    complain(wrong, f"{page} does not name these variables:")


def test_the_environment_is_read_in_one_place():
    paths = [path for path in files("src") if not is_test(path)]
    wrong = [line for line in places(paths, re.compile(r"\bgetenv\s*\("))
             if not line.startswith(("src/core/config", "src/main.cpp"))]
    complain(wrong, "Read the environment in src/core/config.cpp alone; pass options on:")
