# SPDX-License-Identifier: Apache-2.0
"""The shape of events, endpoint by endpoint: `schema`, `<feature>_missing`, `<feature>_type`."""
import collections

from scipy import stats

from recompute.statistics import Near

PRESENCE_MIN, TYPE_MIN, VALUES_MIN = 0.02, 0.01, 0.01
SMALL_VALUES_MAX, NAMED_MAX, SHOWN_MAX = 50, 10, 100
TYPES = ("number", "text", "object or array")

Share = collections.namedtuple("Share", "count of")


def rate(share):
    return share.count / share.of if share.of else 0.0


def apart(live, baseline):
    return abs(rate(live) - rate(baseline))


def fisher(live, baseline):
    """Twice the smaller tail of Fisher's exact test."""
    if 0 in (live.of, baseline.of):
        return 1.0
    law = stats.hypergeom(live.of + baseline.of, live.count + baseline.count, live.of)
    tail = law.sf(live.count - 1) if live.count * (live.of + baseline.of) \
        > live.of * (live.count + baseline.count) else law.cdf(live.count)
    return min(1.0, 2 * float(tail))


def present(place):
    return len(place.numbers) + place.texts.total() + place.others if place else 0


def type_counts(place):
    return len(place.numbers), place.texts.total(), place.others


def counts(live, baseline):
    return {"live_count": live.count, "live_n": live.of,
            "baseline_count": baseline.count, "baseline_n": baseline.of}


class Scan:
    """All tests of all endpoints; those that differ enough, with their p-values."""

    def __init__(self, features, names, live, baseline, config):
        self.features, self.names, self.config = features, names, config
        self.live, self.baseline = live, baseline
        self.tests = self.fields = 0
        self.found, self.endpoints = [], []
        for endpoint in sorted(live.endpoint_events, key=str.encode):
            if min(live.endpoint_events[endpoint], baseline.endpoint_events[endpoint]) \
                    >= config["ks_samples_min"]:
                self.endpoints.append(endpoint)
                self.endpoint(endpoint)
        for one in self.found:
            one["p"] = min(1.0, one["p"] * self.tests)
        self.found = [one for one in self.found if one["p"] < config["schema_p_min"]]
        self.gather()
        self.found.sort(key=lambda one: (one["within"], -apart(*one["shares"])))

    def endpoint(self, endpoint):
        now, before = self.live.places[endpoint], self.baseline.places[endpoint]
        for pointer in sorted(set(now) | set(before), key=str.encode):
            self.fields += 1
            a, b = now.get(pointer), before.get(pointer)
            if shares := self.presence(endpoint, pointer):
                change = "new" if not present(b) else "presence" if present(a) else "vanished"
                self.test(change, endpoint, pointer, shares, PRESENCE_MIN)
            if shift := self.shift(endpoint, pointer):
                self.test("retyped", endpoint, pointer, shift[0], TYPE_MIN, True,
                          from_type=shift[1], to_type=shift[2])
            self.new_values(endpoint, pointer, a, b)

    def presence(self, endpoint, pointer):
        shares = [Share(present(side.places[endpoint].get(pointer)),
                        side.endpoint_events[endpoint]) for side in (self.live, self.baseline)]
        return shares if shares[0].count + shares[1].count else None

    def shift(self, endpoint, pointer):
        """The type that gained most, from the one that lost most."""
        a, b = (side.places[endpoint].get(pointer) for side in (self.live, self.baseline))
        n, m = present(a), present(b)
        if min(n, m) < self.config["ks_samples_min"]:
            return None
        pairs = [(Share(x, n), Share(y, m)) for x, y in zip(type_counts(a), type_counts(b))]
        gains = [rate(x) - rate(y) for x, y in pairs]
        gained, lost = gains.index(max(gains)), gains.index(min(gains))
        return pairs[gained], TYPES[lost], TYPES[gained]

    def new_values(self, endpoint, pointer, now, before):
        if now is None or before is None or not 0 < len(before.texts) <= SMALL_VALUES_MAX:
            return
        n, m = now.texts.total(), before.texts.total()
        if min(n, m) < self.config["ks_samples_min"] or m < 10 * len(before.texts) \
                or m * 10 < present(before) * 9:
            return
        new = {name: count for name, count in now.texts.items() if name not in before.texts}
        once = sum(count == 1 for count in before.texts.values())
        ranked = sorted(new, key=lambda name: (-new[name], name.encode()))[:NAMED_MAX]
        self.test("new_values", endpoint, pointer, (Share(sum(new.values()), n), Share(once, m)),
                  VALUES_MIN, True, values=[{"name": name, "live_n": new[name]} for name in ranked])

    def test(self, change, endpoint, pointer, shares, least, grows=False, **more):
        self.tests += 1
        if apart(*shares) < least or grows and rate(shares[0]) < rate(shares[1]):
            return
        self.found.append({"change": change, "endpoint": endpoint, "pointer": pointer,
                           "shares": shares, "p": fisher(*shares), "within": False, "below": 0,
                           "more": more})

    def gather(self):
        """What changed with an object that holds it."""
        tops = {(one["endpoint"], one["pointer"]): one for one in reversed(self.found)
                if one["change"] != "new_values"}
        for one in self.found:
            parts, above = one["pointer"].split("/"), None
            for end in range(len(parts) - 1, 1, -1):
                top = tops.get((one["endpoint"], "/".join(parts[:end])))
                if top and top["change"] in (one["change"], "retyped"):
                    above = top
            if above:
                above["below"] += 1
                one["within"] = True

    def muted(self, one):
        feature = self.features.get(one["pointer"])
        return bool(feature and feature.rule.get("muted"))

    def told(self, one):
        made = {"change": one["change"], "endpoint": one["endpoint"], "pointer": one["pointer"],
                "field": self.names[one["pointer"]], "live": rate(one["shares"][0]),
                "baseline": rate(one["shares"][1]), **counts(*one["shares"]),
                "p_value": Near(one["p"], 1e-12), **one["more"]}
        if one["below"]:
            made["fields_within"] = one["below"]
        return made | ({"muted": True} if self.muted(one) else {})

    def check(self):
        told = [one for one in self.found if not one["within"]]
        sides = (self.live, self.baseline)
        n, m = (sum(side.endpoint_events[endpoint] for endpoint in self.endpoints)
                for side in sides)
        made = {"ok": all(self.muted(one) for one in self.found), "change_count": len(told),
                "p_min": self.config["schema_p_min"], "live_n": n, "baseline_n": m,
                "fields": self.fields, "endpoints": len(self.endpoints),
                "endpoints_left_out": len(self.live.endpoint_events) - len(self.endpoints),
                "live_dropped": 0, "baseline_dropped": 0,
                "changes": [self.told(one) for one in told[:SHOWN_MAX]],
                "changes_omitted": max(0, len(told) - SHOWN_MAX)}
        return made | ({} if self.endpoints else {"insufficient_samples": True})


def quality(scan, feature, what):
    """The check of what is missing or mistyped; None where there is nothing to tell."""
    if not present(feature.baseline):
        return None
    members = feature.presence()
    sizes = feature.sizes() if what == "type" else feature.populations
    key = "type_mismatches" if what == "type" else "missing"
    wrong = members[f"live_{key}"], members[f"baseline_{key}"]
    live, baseline = (Share(count, size + (count if what == "type" else 0))
                      for count, size in zip(wrong, sizes))
    if not live.count + baseline.count:
        return None
    chances = []
    for endpoint in scan.endpoints:
        shift = scan.shift(endpoint, feature.pointer) if what == "type" \
            else (scan.presence(endpoint, feature.pointer),)
        if shift and shift[0]:
            chances.append(min(1.0, fisher(*shift[0]) * max(1, scan.tests)))
    kinds = ("retyped",) if what == "type" else ("vanished", "presence")
    changes = [one for one in scan.found
               if one["pointer"] == feature.pointer and one["change"] in kinds]
    muted = bool(feature.rule.get("muted"))
    flags = {"insufficient_samples": not chances, "critical": feature.rule.get("critical"),
             "muted": muted, "would_fail": muted and bool(changes)}
    share = lambda side: rate(side) if side.of else None
    return {"ok": muted or not changes, "quality": what, "share": share(live),
            "baseline_share": share(baseline),
            "p_value": Near(min(chances), 1e-12) if chances else None,
            "p_min": scan.config["schema_p_min"],
            "change_min": TYPE_MIN if what == "type" else PRESENCE_MIN, **counts(live, baseline),
            "changes": [scan.told(one) for one in changes[:SHOWN_MAX]],
            **{name: True for name, flag in flags.items() if flag}}
