# SPDX-License-Identifier: Apache-2.0
"""Raw events, counted as a report's two sides count them."""
import collections
import json
import pathlib

class Place:
    """What stands at one JSON Pointer of one endpoint's events."""

    def __init__(self):
        self.numbers, self.texts, self.others = [], collections.Counter(), 0


class Side:
    def __init__(self):
        self.read = 0  # Events of the service, also those that are not taken.
        self.events, self.statuses, self.durations = 0, [], []
        self.endpoint_events = collections.Counter()
        self.places = collections.defaultdict(dict)  # By endpoint, then by pointer.

    def take(self, event, rules):
        self.events += 1
        self.endpoint_events[event["endpoint"]] += 1
        response = event.get("response") or {}
        if isinstance(response.get("status"), int):
            self.statuses.append(response["status"])
        if response.get("duration_ms") is not None:
            self.durations.append(float(response["duration_ms"]))
        places = self.places[event["endpoint"]]
        for pointer, value in watched(event, rules):
            place = places.setdefault(pointer, Place())
            if isinstance(value, (dict, list)):
                place.others += 1
            elif isinstance(value, bool):
                place.texts["true" if value else "false"] += 1
            elif isinstance(value, (int, float)):
                if rules.get(pointer, {}).get("kind") == "categorical":
                    place.texts[text_of(value)] += 1
                else:
                    place.numbers.append(float(value) + 0.0)
            elif value is not None:
                place.texts[value] += 1

    def pointers(self):
        return {pointer for places in self.places.values() for pointer in places}

    def total(self, pointer):
        whole = Place()
        for places in self.places.values():
            if pointer in places:
                whole.numbers += places[pointer].numbers
                whole.texts += places[pointer].texts
                whole.others += places[pointer].others
        return whole

    def population(self, pointer, other):
        """Events of the endpoints that have the feature on either side."""
        return sum(count for endpoint, count in self.endpoint_events.items()
                   if pointer in self.places[endpoint] or pointer in other.places.get(endpoint, {}))


def text_of(number):
    """As the shortest text that reads back as it: 200, 0.5."""
    text = repr(number)
    return text[:-2] if text.endswith(".0") else text


def watched(event, rules):
    """Everything under the bodies, and what rules name; less what they ignore or redact."""
    def walk(value, pointer, below):
        for key, item in value.items():
            place = pointer + "/" + key.replace("~", "~0").replace("/", "~1")
            rule = rules.get(place)
            hidden = rule is not None and (rule.get("ignore") or rule.get("redact"))
            shown = (below or rule is not None) and not hidden
            inside = (below or place in ("/request/body", "/response/body")) and not hidden
            if shown:
                yield place, item
            if isinstance(item, dict):
                yield from walk(item, place, inside)
    yield from walk(event, "", False)


def read_side(path, rules, service, endpoint=None, host=None):
    side = Side()
    for line in pathlib.Path(path).read_text().splitlines():
        event = json.loads(line)
        if event["service"] != service:
            continue
        side.read += 1
        if endpoint in (None, event["endpoint"]) and host in (None, event.get("host")):
            side.take(event, rules)
    return side
