# SPDX-License-Identifier: Apache-2.0
"""What is missing, of another type or new, endpoint by endpoint: `<feature>_missing`,
`<feature>_type` and `schema`."""
import collections

from scipy import stats

from recompute.statistics import Near

LIVE_TAIL, BASELINE_TAIL = 1e-7, 1e-4
SAMPLES_MIN, ENDPOINTS_MAX, CHANGES_MAX, VALUES_MAX = 50, 10, 50, 10
SMALL_VALUES_MAX, SMALL_SAMPLES_MIN = 50, 1000
KINDS = ("new", "missing", "retyped", "presence", "new_values")

Share = collections.namedtuple("Share", "count of most", defaults=(None,))


def rate(share):
    return share.count / share.of if share.of else None


def clopper_pearson(count, of, tail):
    low = 0.0 if count == 0 else float(stats.beta.ppf(tail, count, of - count + 1))
    high = 1.0 if count == of else float(stats.beta.isf(tail, count + 1, of - count))
    return low, high


def change_at_least(live, baseline, tolerance):
    """By how much the share changed beyond doubt; None: too few to say."""
    if min(live.of, baseline.of) < SAMPLES_MIN:
        return None
    most = baseline.count if baseline.most is None else baseline.most
    if live.count / live.of - most / baseline.of > tolerance:
        return max(0.0, clopper_pearson(live.count, live.of, LIVE_TAIL)[0]
                   - clopper_pearson(most, baseline.of, BASELINE_TAIL)[1])
    if rate(baseline) - rate(live) > tolerance:
        return min(0.0, clopper_pearson(live.count, live.of, LIVE_TAIL)[1]
                   - clopper_pearson(baseline.count, baseline.of, BASELINE_TAIL)[0])
    return 0.0


def counts(live, baseline):
    return {"live_count": live.count, "live_n": live.of,
            "baseline_count": baseline.count, "baseline_n": baseline.of}


def present(place):
    return len(place.numbers) + place.texts.total() + place.others if place else 0


def mistyped(place, numeric):
    if place is None:
        return Share(0, 0)
    return Share(present(place) - (len(place.numbers) if numeric else place.texts.total()),
                 present(place))


def endpoints_of(live, baseline):
    return sorted(set(live.endpoint_events) & set(baseline.endpoint_events), key=str.encode)


def presence(feature, what, live, baseline, config):
    """The check of what is missing or mistyped; None where there is nothing to tell."""
    tolerance = config["missing_tolerance" if what == "missing" else "type_tolerance"]
    shifts, ok = [], True
    for endpoint in endpoints_of(live, baseline):
        now = live.places[endpoint].get(feature.pointer)
        before = baseline.places[endpoint].get(feature.pointer)
        if before is None:
            continue
        if what == "missing":
            sides = [Share(side.endpoint_events[endpoint] - present(place),
                           side.endpoint_events[endpoint])
                     for side, place in ((live, now), (baseline, before))]
        else:
            sides = [mistyped(place, feature.numeric) for place in (now, before)]
        change = change_at_least(*sides, tolerance)
        as_declared = what == "type" and feature.declared and (change or 0) < 0
        ok = ok and (as_declared or abs(change or 0) <= tolerance)
        shifts.append((endpoint, *sides, change))
    total = [Share(sum(shift[i].count for shift in shifts), sum(shift[i].of for shift in shifts))
             for i in (1, 2)]
    if total[0].count + total[1].count == 0:
        return None
    apart = lambda s: 1 + abs(s[3]) if s[3] else abs((rate(s[1]) or 0) - (rate(s[2]) or 0))
    shifts.sort(key=lambda shift: (shift[3] is None, -apart(shift)))
    made = {"ok": ok, "missing_rate" if what == "missing" else "mistyped_rate": rate(total[0]),
            "baseline_rate": rate(total[1]), "tolerance": tolerance, **counts(*total),
            "change_at_least": near_change(shifts[0][3]),
            "endpoints": [endpoint_members(*shift) for shift in shifts[:ENDPOINTS_MAX]],
            "endpoints_omitted": max(0, len(shifts) - ENDPOINTS_MAX)}
    if all(shift[3] is None for shift in shifts):
        made["insufficient_samples"] = True
    return made


def near_change(change):
    return Near(change or 0.0, 1e-9)


def endpoint_members(endpoint, live, baseline, change):
    made = {"endpoint": endpoint, "live_rate": rate(live), "baseline_rate": rate(baseline),
            **counts(live, baseline), "change_at_least": near_change(change)}
    return made | ({"insufficient_samples": True} if change is None else {})


class Scan:
    """All changes of the schema, in the order of endpoints and pointers."""

    def __init__(self, features, names, live, baseline, config):
        self.features, self.names, self.config = features, names, config
        self.live, self.baseline = live, baseline
        self.changes = []

    def endpoint(self, endpoint):
        now, before = self.live.places[endpoint], self.baseline.places[endpoint]
        explained = set()
        for pointer in sorted(set(now) | set(before), key=str.encode):
            above = pointer.split("/")
            if any("/".join(above[:i]) in explained for i in range(2, len(above))):
                continue
            for change in self.at(endpoint, pointer, now.get(pointer), before.get(pointer)):
                self.changes.append(change)
                if change["kind"] in ("new", "missing", "retyped"):
                    explained.add(pointer)

    def at(self, endpoint, pointer, now, before):
        if present(now) + present(before) == 0:
            return
        sides = [Share(present(place), side.endpoint_events[endpoint])
                 for side, place in ((self.live, now), (self.baseline, before))]
        change = self.change(endpoint, pointer, sides, self.config["missing_tolerance"])
        if before is None:
            if pointer.startswith(("/request/body/", "/response/body/")):
                yield change | {"kind": "new"}
            return
        if change["significant"]:
            yield change | {"kind": "missing" if sides[0].count == 0 else "presence"}
            if sides[0].count == 0:
                return
        feature = self.features.get(pointer)
        if not present(now) or not present(before) or feature is None:
            return
        sides = [mistyped(place, feature.numeric) for place in (now, before)]
        change = self.change(endpoint, pointer, sides, self.config["type_tolerance"])
        if change["significant"] and not (feature.declared
                                          and change["change_at_least"].value < 0):
            yield change | {"kind": "retyped", **types(now, before)}
        elif not feature.numeric:
            yield from self.new_values(endpoint, pointer, now.texts, before.texts)

    def new_values(self, endpoint, pointer, now, before):
        new = {name: count for name, count in now.items() if name not in before}
        if len(before) > SMALL_VALUES_MAX or before.total() < SMALL_SAMPLES_MIN or not new:
            return
        once = min(sum(count == 1 for count in before.values()), before.total())
        sides = [Share(sum(new.values()), now.total()), Share(0, before.total(), once)]
        change = self.change(endpoint, pointer, sides, self.config["new_values_tolerance"])
        ranked = sorted(new, key=lambda name: (-new[name], name.encode()))
        yield change | {"kind": "new_values", "values_omitted": max(0, len(new) - VALUES_MAX),
                        "values": [{"name": name, "count": new[name]}
                                   for name in ranked[:VALUES_MAX]]}

    def change(self, endpoint, pointer, sides, tolerance):
        change = change_at_least(*sides, tolerance)
        return {"field": self.names[pointer], "pointer": pointer, "endpoint": endpoint,
                "significant": abs(change or 0) > tolerance, "live_rate": rate(sides[0]),
                "baseline_rate": rate(sides[1]), **counts(*sides),
                "change_at_least": near_change(change)}


def types(now, before):
    """What most values were, and what most of the others are."""
    def main(place, but=None):
        weights = {"number": len(place.numbers), "text": place.texts.total(),
                   "object_or_array": place.others}
        return max((name for name in weights if name != but), key=weights.get)
    was = main(before)
    return {"from": was, "to": main(now) if main(now) != was else main(now, was)}


def size(change):
    if change["significant"]:
        return abs(change["change_at_least"].value)
    return abs((change["live_rate"] or 0) - (change["baseline_rate"] or 0))


def schema(features, names, live, baseline, config):
    scan = Scan(features, names, live, baseline, config)
    shared = endpoints_of(live, baseline)
    for endpoint in shared:
        scan.endpoint(endpoint)
    changes = sorted(scan.changes, key=lambda change: (not change["significant"], -size(change)))
    significant = sum(change["significant"] for change in changes)
    shown = changes[:CHANGES_MAX]
    made = {"ok": significant == 0, "changes": significant, "omitted": len(changes) - len(shown),
            "live_n": sum(live.endpoint_events[endpoint] for endpoint in shared),
            "baseline_n": sum(baseline.endpoint_events[endpoint] for endpoint in shared),
            "live_dropped": 0, "baseline_dropped": 0}
    if not any(min(live.endpoint_events[endpoint], baseline.endpoint_events[endpoint])
               >= SAMPLES_MIN for endpoint in shared):
        made["insufficient_samples"] = True
    for kind in KINDS:
        made[kind] = [{key: value for key, value in change.items() if key != "kind"}
                      for change in shown if change["kind"] == kind]
    return made
