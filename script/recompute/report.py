# SPDX-License-Identifier: Apache-2.0
"""A whole report recomputed, and what differs from one that is given."""
import datetime

from recompute import checks, schema
from recompute.checks import Feature
from recompute.statistics import Near

# Told to the report, not computed from events.
GIVEN = {"generated_at", "from", "to", "window_minutes", "baseline.version", "baseline.created_at",
         "baseline.source"}


def names_of(pointers, rules, given):
    """A name stays with whom it was first given to: in the order of pointers, unless said."""
    names = {}
    for pointer in sorted(pointers):
        full = pointer[1:].replace("/", ".").replace("~1", "/").replace("~0", "~")
        short = full
        for body in ("request.body.", "response.body."):
            short = full[len(body):] if full.startswith(body) else short
        fixed = given.get(pointer, rules.get(pointer, {}).get("name"))
        taken = set(names.values()) | set(given.values())
        names[pointer] = fixed or next(name for name in (short, full, pointer) if name not in taken)
    return names


def schema_checks(features, names, live, baseline, config):
    scan = schema.Scan(features, names, live, baseline, config)
    made = {"schema": scan.check()}
    for pointer, feature in features.items():
        for what in ("missing", "type"):
            check = schema.quality(scan, feature, what)
            if check is not None:
                made[f"{names[pointer]}_{what}"] = check
    return made


def expected_report(report, live, baseline, rules, config, given):
    has_baseline = report["baseline"] is not None
    made = {"samples": live.events, "service": report["service"],
            "baseline": {"samples": baseline.read} if has_baseline else None,
            **{key: report[key] for key in ("endpoint", "host") if key in report}}
    pointers = live.pointers() | baseline.pointers()
    names = names_of(pointers, rules, given)
    made_checks, features = {}, {}
    for pointer in pointers:
        feature = Feature(pointer, live, baseline, rules, config)
        if feature.numeric is not None:
            features[pointer] = feature
            made_checks[f"{names[pointer]}_{feature.measure}"] = feature.check(has_baseline)
    if "schema" in report["checks"]:
        made_checks |= schema_checks(features, names, live, baseline, config)
    made_checks["success_rate"] = checks.success_rate(live, config)
    made_checks["latency_p95"] = checks.latency(live, config)
    good = all(check["ok"] for check in made_checks.values())
    return made | {"checks": made_checks, "status": "ok" if good else "fail"}


def without_alarms(report):
    """The report without what alarms say, and how many numbers they said: they remember every
    bucket since the baseline, so two stretches of events do not tell them."""
    parts = [report, *report["checks"].values()]
    said = sum(numbers_in(part["alarm"]) for part in parts if "alarm" in part)
    plain = {key: value for key, value in report.items() if key != "alarm"}
    plain["checks"] = {name: {key: value for key, value in check.items() if key != "alarm"}
                       for name, check in report["checks"].items()}
    return plain, said


def numbers_in(node):
    if isinstance(node, dict):
        return sum(map(numbers_in, node.values()))
    if isinstance(node, list):
        return sum(map(numbers_in, node))
    return int(isinstance(node, (int, float)) and not isinstance(node, bool))


def agree(expected, got):
    absolute = expected.absolute if isinstance(expected, Near) else 0
    value = expected.value if isinstance(expected, Near) else expected
    if isinstance(value, bool) or isinstance(got, bool) or not isinstance(value, (int, float)):
        return type(value) is type(got) and value == got
    return isinstance(got, (int, float)) \
        and abs(value - got) <= max(absolute, 1e-9 * abs(value))


def differences(expected, got, path="", given=GIVEN):
    """Sentences about what differs, and how many numbers were compared."""
    if isinstance(got, dict) and isinstance(expected, dict):
        found, numbers = [], 0
        for key in sorted(set(expected) | set(got)):
            place = f"{path}.{key}" if path else key
            if place in given and key in got or key == "text" and "change" in got:  # In words.
                continue
            if key not in expected:
                found.append(f"{place}: {got[key]!r} is nothing that was recomputed")
            elif key not in got:
                found.append(f"{place}: missing, should be {expected[key]!r}")
            else:
                more, counted = differences(expected[key], got[key], place)
                found, numbers = found + more, numbers + counted
        return found, numbers
    if isinstance(got, list) and isinstance(expected, list) and len(got) == len(expected):
        pairs = [differences(e, g, f"{path}[{i}]") for i, (e, g) in enumerate(zip(expected, got))]
        return sum((found for found, _ in pairs), []), sum(count for _, count in pairs)
    count = isinstance(got, (int, float)) and not isinstance(got, bool)
    if agree(expected, got):
        return [], int(count)
    return [f"{path}: {got!r} in the report, {expected!r} recomputed"], int(count)


def window_fits(report):
    """The whole buckets that cover the window: ten seconds more at either end, at most."""
    begin, end = (datetime.datetime.fromisoformat(report[key]) for key in ("from", "to"))
    over = (end - begin).total_seconds() - 60 * report["window_minutes"]
    return -60 < over <= 20
