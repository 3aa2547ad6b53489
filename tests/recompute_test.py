# SPDX-License-Identifier: Apache-2.0
"""Every number of a report, recomputed from the raw events by a program that shares no code with
driftguard: script/recompute-report, with Python's library and SciPy."""
import copy
import json
import subprocess
import sys
import tomllib

import pytest

import real_data
from harness import BINARY, EMBEDDED, NOON, ROOT, Server, clean_environment, event, rfc3339, seeded

sys.path.insert(0, str(ROOT / "script"))
from recompute.checks import DEFAULTS  # noqa: E402
from recompute.events import read_side  # noqa: E402
from recompute.report import GIVEN, differences, expected_report, without_alarms  # noqa: E402

SCRIPT = ROOT / "script/recompute-report"
HOUR = 3600
COMPARISONS_MAX = 5  # Of one set of real traffic.
LONG_TEXTS = {"apache_semicomplete"}  # Beyond 200 bytes a category is named by a hash besides.

# Each measure for a feature of its own, of either kind, and every key of a rule.
MEASURES = ("ks", "psi", "chisquare", "jensenshannon", "hellinger", "tvd", "wasserstein",
            "cramer_von_mises")
OF_NUMBERS = {"ks", "wasserstein", "cramer_von_mises"}
RULES = "".join(
    f'[[features]]\npointer = "/request/body/{kind}/{measure}"\nkind = "{kind}"\n'
    f'method = "{measure}"\n'
    for measure in MEASURES for kind in ("numeric", "categorical")
    if kind == "numeric" or measure not in OF_NUMBERS) + """
[[features]]
pointer = "/request/body/up"
method = "kolmogorov_smirnov"
direction = "increase"
threshold = 0.01
critical = true
[[features]]
pointer = "/request/body/down"
method = "emd"
direction = "decrease"
threshold = 0.3
min_samples = 7
[[features]]
pointer = "/request/body/loud"
method = "cvm"
muted = true
[[features]]
pointer = "/request/body/rare"
method = "tvd"
min_samples = 10000
[[features]]
pointer = "/response/status"
kind = "categorical"
name = "status"
[[features]]
pointer = "/request/body/secret"
ignore = true
"""


def names_given(server, service):
    """POINTER=NAME of whom a name went to that two places could have."""
    answer = server.get("/v1/checks/seldom_ks", service=service, at=rfc3339(NOON + HOUR),
                        window_minutes=60)
    return [f"{answer.json()['pointer']}=seldom"] if answer.status_code == 200 else []


def recompute(folder, report, live, baseline, toml=None, settings=(), names=()):
    """(exit code, what it prints)."""
    for name, text in (("report.json", json.dumps(report)), ("live", "\n".join(live)),
                       ("baseline", "\n".join(baseline)), ("driftguard.toml", toml or "")):
        (folder / name).write_text(text)
    options = [option for setting in settings for option in ("--set", setting)]
    options += [option for name in names for option in ("--name", name)]
    done = subprocess.run(["/usr/bin/python3", SCRIPT, "report.json", "live", "baseline",
                           "--config", "driftguard.toml", *options],
                          cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def traffic(random, service, begin, count, moved):
    """Events of two endpoints and three hosts; what a body holds differs in kind now and then."""
    categories = ["a", "b", "c", "d e", "é", "new"][:5 + moved]
    for i in range(count):
        body = {"numeric": {}, "categorical": {}}
        for measure in MEASURES:
            value = random.gauss(0.3 * moved, 1)
            body["numeric"][measure] = round(value, random.choice([1, 15]))
            body["categorical"][measure] = random.choice(categories)
        body["up"] = random.randrange(20) + moved
        body["down"] = random.expovariate(1)
        body["loud"] = random.lognormvariate(moved, 1)
        body["rare"] = random.random() < 0.1
        body["secret"] = i
        body["plain"] = random.choice([1, 2.5, None, "text", True, [1], {"deep": i % 7}])
        if random.random() < 0.3:
            body["seldom"] = random.paretovariate(1.1)
        if moved:
            body["fresh"] = i
        yield event(service, begin + HOUR * i / count, endpoint=random.choice(["a", "b"]),
                    host=random.choice(["h1", "h2", None]),
                    status=random.choice([200, 201, 404, 500, None]),
                    duration_ms=random.choice([None, random.randrange(3000), random.random()]),
                    response={"body": {"seldom": random.choice([3, 4, 5, "x"])}}, **body)


class Case:
    """A service with a baseline, and its live hour."""

    def __init__(self, folder, seed, toml=RULES, count=700):
        self.folder, self.toml = folder, toml
        self.server = Server(folder / "server", toml=toml).start()
        self.server.store(list(traffic(seed, "s", NOON - HOUR, count + 500, False)))
        self.server.build_baseline("s", NOON - HOUR, NOON)
        self.server.store(list(traffic(seed, "s", NOON, count, True)))

    def export(self, begin, end):
        done = subprocess.run([BINARY, "export", "--url", self.server.url, "--service", "s",
                               "--from", rfc3339(begin), "--to", rfc3339(end)],
                              env=clean_environment(), capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    def report(self, **parameters):
        return self.server.report(service="s", at=rfc3339(NOON + HOUR), window_minutes=60,
                                  **parameters)

    def recompute(self, report, baseline=True):
        live = self.export(NOON, NOON + HOUR)
        before = self.export(NOON - HOUR, NOON) if baseline else []
        return recompute(self.folder, report, live, before, self.toml,
                         names=names_given(self.server, "s"))


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    made = Case(tmp_path_factory.mktemp("recompute"), seeded())
    yield made
    assert made.server.stop() == 0


@EMBEDDED
def test_all_numbers_of_all_measures(case, engine):
    report = case.report()
    names = set(report["checks"])
    for measure in MEASURES:
        assert f"numeric.{measure}_{measure}" in names
        assert measure in OF_NUMBERS or f"categorical.{measure}_{measure}" in names
    code, said = case.recompute(report)
    assert code == 0, said
    assert f" of {len(names)} checks recomputed, 0 differ" in said


@EMBEDDED
@pytest.mark.parametrize("segment", [{"endpoint": "a"}, {"host": "h2"},
                                     {"endpoint": "b", "host": "h1"}])
def test_all_numbers_of_a_segment(case, engine, segment):
    code, said = case.recompute(case.report(**segment))
    assert code == 0, said


@EMBEDDED
def test_all_numbers_without_a_baseline_and_with_few_events(tmp_path, engine):
    random = seeded()
    for count, baseline in ((3, True), (40, False)):
        folder = tmp_path / str(count)
        folder.mkdir()
        server = Server(folder / "server", toml=RULES).start()
        if baseline:
            server.store(list(traffic(random, "s", NOON - HOUR, 30, False)))
            server.build_baseline("s", NOON - HOUR, NOON)
        server.store(list(traffic(random, "s", NOON, count, True)))
        report = server.report(service="s", at=rfc3339(NOON + HOUR), window_minutes=60)
        code, said = recompute(folder, report, server.lines(**{"from": rfc3339(NOON)}),
                               server.lines(to=rfc3339(NOON)), RULES,
                               names=names_given(server, "s"))
        assert code == 0, said
        assert server.stop() == 0


@EMBEDDED
def test_with_everything_on_a_default(tmp_path, engine):
    made = Case(tmp_path, seeded(), toml="", count=200)
    code, said = made.recompute(made.report())
    assert code == 0, said
    assert made.server.stop() == 0


def numbers_in(node, path=()):
    items = node.items() if isinstance(node, dict) else enumerate(node) \
        if isinstance(node, list) else ()
    for key, value in items:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            yield (*path, key)
        yield from numbers_in(value, (*path, key))


@EMBEDDED
def test_a_change_of_any_number_is_noticed(case, engine):
    """Each by a millionth, one after the other; and a number that nobody knows."""
    report = case.report()
    assert case.recompute(report)[0] == 0  # Leaves its files.
    rules = {rule["pointer"]: rule for rule in tomllib.loads(RULES)["features"]}
    live = read_side(case.folder / "live", rules, "s")
    baseline = read_side(case.folder / "baseline", rules, "s")
    names = dict(name.split("=") for name in names_given(case.server, "s"))
    expected = expected_report(report, live, baseline, rules, DEFAULTS, names)
    changed = [path for path in numbers_in(report) if ".".join(map(str, path)) not in GIVEN]
    assert len(changed) > 400
    unnoticed = []
    for path in changed:
        tampered = copy.deepcopy(report)
        node = tampered
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] += 1 if isinstance(node[path[-1]], int) else 1e-6
        if not differences(expected, tampered)[0]:
            unnoticed.append(path)
    assert unnoticed == []
    report["checks"]["success_rate"]["surprise"] = 1
    assert differences(expected, report)[0]


def test_alarms_are_left_out_and_counted():
    report = {"alarm": {"n": 1}, "checks": {"a_ks": {"d": 0.5, "alarm": {"x": [1, 2.5, True]}}}}
    assert without_alarms(report) == ({"checks": {"a_ks": {"d": 0.5}}}, 3)


@EMBEDDED
@pytest.mark.release
@pytest.mark.skipif(not real_data.SHARED.is_dir(),
                    reason="the data lie beside the checkout, not in it")
@pytest.mark.parametrize("name", real_data.SETS)
def test_all_numbers_of_real_traffic(tmp_path, engine, name):
    every = list(real_data.comparisons(name))
    toml = real_data.rules(every)
    server = Server(tmp_path / "server", settings=real_data.SETTINGS, toml=toml).start()
    told = 0
    cache = {}
    for comparison in every[:COMPARISONS_MAX]:
        report = real_data.run(server, comparison, cache)
        middle = rfc3339(real_data.START + real_data.DAY)
        live = server.lines(service=comparison.service, **{"from": middle})
        baseline = server.lines(service=comparison.service, to=middle)
        code, said = recompute(tmp_path, report, live, baseline, toml,
                               ("psi_floor=1e-4", "psi_categories_max=4000"))
        # Beyond lossless summaries there is no one number to compare with.
        assert code == 0 or (code == 2 and "lossless" in said), said
        told += code == 0
        print(comparison.name, said)
    assert told > 0 or name in LONG_TEXTS
    assert server.stop() == 0
