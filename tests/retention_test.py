# SPDX-License-Identifier: Apache-2.0
"""Retention by age and by bytes, as a user sees it: what is gone, what is left, what is told."""
import contextlib
import json
import random
import re
import subprocess
import time

import pytest

from harness import BINARY, EMBEDDED, NOON, clean_environment, event, rfc3339, wait_until

DAY = 86400
PASS_SECONDS_MAX = 90
MIB = 1 << 20
# The least bound there can be: twice the logs and memtables.
SMALL = {"DRIFTGUARD_ROCKSDB_WAL_BYTES": MIB, "DRIFTGUARD_ROCKSDB_MEMTABLE_BYTES": MIB}
BOUND = 12 * MIB


def dropped(server):
    return server.metrics()["driftguard_retention_rows_dropped_total"]


def first_pass(server):
    """Waits for the pass at the start: what is stored from now on waits for the next one."""
    wait_until(lambda: server.metrics()["driftguard_retention_passes_total"] > 0,
               PASS_SECONDS_MAX, "retention did not pass")


def passed(server, rows):
    wait_until(lambda: dropped(server) >= rows, PASS_SECONDS_MAX, f"{rows} events were not dropped")


def restart_with(server, settings):
    """The first pass of a server is at once."""
    assert server.stop() == 0, server.stderr()
    server.settings.update(settings)
    return server.start()


def disk_use(server):
    size = 0
    for path in (server.folder / "data").iterdir():
        with contextlib.suppress(FileNotFoundError):  # Removed meanwhile.
            size += path.stat().st_size
    return size


def noisy_events(service, begin, count, rng):
    """Events that hardly compress, one a second; the noise is no feature, so rollups stay small."""
    return [{**event(service, begin + i), "trace": f"{rng.getrandbits(1600):x}"}
            for i in range(count)]


def test_nothing_is_dropped_unless_it_is_configured(new_server, service):
    server = new_server().start()
    server.store([event(service, "0001-01-01T00:00:00Z"), event(service, NOON)])
    server.restart()
    figures = wait_until(lambda: (m := server.metrics()).get(
        "driftguard_retention_oldest_event_timestamp_seconds") and m, PASS_SECONDS_MAX)
    assert figures["driftguard_retention_rows_dropped_total"] == 0
    assert figures["driftguard_retention_limit_bytes"] == 0
    assert len(server.lines()) == 2


def test_events_and_rollups_older_than_their_days_go(new_server, service):
    server = new_server().start()
    now = time.time()
    ages = {"new": 0, "day_old": 1, "week_old": 7, "year_old": 365}
    for endpoint, days in ages.items():
        server.store([event(service, now - days * DAY - i, endpoint=endpoint) for i in range(20)])
    restart_with(server, {"DRIFTGUARD_RETENTION_RAW_DAYS": 2,
                          "DRIFTGUARD_RETENTION_ROLLUP_DAYS": 30})
    passed(server, 40)
    assert {e["endpoint"] for e in server.events()} == {"new", "day_old"}
    wait_until(lambda: server.metrics()["driftguard_retention_rollups_dropped_total"] > 0,
               PASS_SECONDS_MAX)

    def samples(days):
        at = rfc3339(now - days * DAY + 60)
        return server.report(service=service, window_minutes=60, at=at)["samples"]
    assert [samples(days) for days in ages.values()] == [20, 20, 20, 0]
    server.restart()
    assert {e["endpoint"] for e in server.events()} == {"new", "day_old"}
    assert [samples(days) for days in ages.values()] == [20, 20, 20, 0]
    wait_until(lambda: server.metrics().get(
        "driftguard_retention_oldest_event_timestamp_seconds", 0) > now - 2 * DAY, PASS_SECONDS_MAX)


def test_late_events_are_stored_and_go_with_the_next_pass(new_server, service):
    server = new_server({"DRIFTGUARD_RETENTION_RAW_DAYS": 1}).start()
    first_pass(server)
    server.store([event(service, NOON + i) for i in range(10)])
    assert server.report(service=service, at=rfc3339(NOON + 60))["samples"] == 10
    server.restart()
    passed(server, 10)
    assert server.lines() == []
    assert server.report(service=service, at=rfc3339(NOON + 60))["samples"] == 10


def test_an_export_holds_what_is_left(new_server, service):
    server = new_server({"DRIFTGUARD_RETENTION_RAW_DAYS": 1}).start()
    first_pass(server)
    now = time.time()
    server.store([event(service, NOON + i) for i in range(50)] +
                 [event(service, now - i, n=i) for i in range(50)])
    server.restart()
    passed(server, 50)
    assert server.stop() == 0
    out = subprocess.run([BINARY, "export", "--store", server.settings["DATABASE_URL"]],
                         capture_output=True, check=True, cwd=server.folder,
                         env=clean_environment())
    assert [json.loads(line)["request"]["body"]["n"] for line in out.stdout.splitlines()] == \
        list(range(49, -1, -1))


@EMBEDDED
def test_the_store_stays_within_its_bytes_while_events_arrive(new_server, service):
    server = new_server({**SMALL, "DRIFTGUARD_RETENTION_BYTES_MAX": BOUND}).start()
    rng = random.Random(1)
    sent, most, begin = 0, 0, time.time() - 30 * DAY
    # Twice the bound and more, in parts that fit between the low mark and the bound.
    while sent < 120_000:
        server.store(noisy_events(service, begin + sent, 1000, rng))
        sent += 1000
        if sent % 4000 == 0:
            wait_until(lambda: disk_use(server) <= BOUND, PASS_SECONDS_MAX)
        most = max(most, disk_use(server))
    print(f"{sent} events, {dropped(server):.0f} dropped, at most {most / BOUND:.2f} of the bound")
    assert dropped(server) > sent / 2
    assert most < 2.2 * BOUND  # While it is rewritten, a small store is there twice.
    stored = server.events()
    assert BOUND / 4 < sum(len(json.dumps(e)) for e in stored), "far too much was dropped"
    # The oldest went, nothing else.
    expected = [rfc3339(begin + i) for i in range(sent - len(stored), sent)]
    assert [e["ts"] for e in stored] == expected
    # Rollups, and with them reports, are all there.
    report = server.report(service=service, window_minutes=43200, at=rfc3339(begin + sent))
    assert report["samples"] == sent
    server.restart()
    wait_until(lambda: disk_use(server) <= BOUND, PASS_SECONDS_MAX)
    assert server.metrics()["driftguard_retention_limit_bytes"] == BOUND


@pytest.mark.parametrize("settings, named", [
    ({"DRIFTGUARD_RETENTION_RAW_DAYS": -1}, "RETENTION_RAW_DAYS"),
    ({"DRIFTGUARD_RETENTION_ROLLUP_DAYS": 3}, "retention_rollup_days"),
    ({"DRIFTGUARD_RETENTION_ROLLUP_DAYS": 3, "DRIFTGUARD_RETENTION_RAW_DAYS": 4},
     "retention_raw_days (4)"),
    ({"DRIFTGUARD_RETENTION_BYTES_MAX": MIB}, "retention_bytes_max"),
    ({"DRIFTGUARD_DISK_FREE_PERCENT_MIN": 100}, "DISK_FREE_PERCENT_MIN"),
])
@EMBEDDED
def test_rules_that_cannot_be_meant_stop_the_start(new_server, settings, named):
    server = new_server(settings).spawn()
    assert server.process.wait(30) == 2
    assert named in server.stderr()


@EMBEDDED
def test_a_disk_with_little_left_is_told_everywhere(new_server):
    server = new_server({"DRIFTGUARD_DISK_FREE_PERCENT_MIN": 99}).start()
    figures = wait_until(lambda: (m := server.metrics()).get("driftguard_disk_warning") and m)
    assert 0 < figures["driftguard_disk_free_bytes"] < figures["driftguard_disk_total_bytes"]
    assert re.match(r"The disk has [\d.]+ GiB", server.get("/health").json()["warnings"][0])
    assert server.stderr().count("is filling") == 1
    checks = doctor(server)
    assert checks["disk"]["status"] == "warn" and "free" in checks["disk"]["detail"]


@EMBEDDED
def test_doctor_says_what_is_dropped(new_server):
    server = new_server({"DRIFTGUARD_DISK_FREE_PERCENT_MIN": 0}).start()
    checks = doctor(server)
    assert "nothing is ever dropped" in checks["retention"]["detail"]
    assert checks["disk"]["status"] == "ok"
    server.settings.update({"DRIFTGUARD_RETENTION_RAW_DAYS": 7,
                            "DRIFTGUARD_RETENTION_BYTES_MAX": 1 << 30})
    detail = doctor(server)["retention"]["detail"]
    assert "events are kept for 7 days, rollups without end" in detail and "1.00 GiB" in detail


def doctor(server):
    out = subprocess.run([BINARY, "doctor", "--json", "--url", server.url], capture_output=True,
                         check=False, cwd=server.folder, env=clean_environment(server.settings))
    return {check["name"]: check for check in json.loads(out.stdout)["checks"]}
