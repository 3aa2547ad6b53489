# SPDX-License-Identifier: Apache-2.0
"""`driftguard send --bench`: what it says it sent is what the server has, and it says when not."""
import json
import subprocess

import pytest

from harness import BINARY, EMBEDDED, clean_environment


def send_bench(url, *flags):
    return subprocess.run(
        [BINARY, "send", "--bench", "--url", url, "--seconds", "0.3", "--warmup", "0.1", *flags],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
        env=clean_environment())


def figures(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@EMBEDDED
def test_counts_are_the_servers(new_server):
    server = new_server().start()
    seen = figures(send_bench(server.url, "--batch", "50", "--connections", "3", "--json"))
    assert (seen["batch"], seen["connections"], seen["errors"]) == (50, 3, 0)
    assert 0 < seen["requests"] * 50 <= seen["events_taken"]
    assert server.metrics()["driftguard_ingest_events_total"] == seen["events_taken"]


@EMBEDDED
def test_a_rate_is_kept(new_server):
    server = new_server().start()
    seen = figures(send_bench(server.url + "/", "--batch", "10", "--rate", "1000", "--json"))
    # Every request that is due in the 0.3 s after the warm-up, and no other.
    assert seen["requests"] == 30
    assert seen["events_taken"] == 400


@EMBEDDED
def test_people_get_a_table(new_server):
    done = send_bench(new_server().start().url)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("4 connections x batches of 1000, as fast as it goes, ")
    assert {"events", "requests", "latency", "client"} <= {
        line.split()[0] for line in done.stdout.splitlines()}


@EMBEDDED
def test_refused_batches_are_a_failure_and_are_counted(new_server):
    server = new_server({"DRIFTGUARD_BATCH_EVENTS_MAX": 10}).start()
    done = send_bench(server.url, "--batch", "11", "--json")
    assert done.returncode == 2
    seen = json.loads(done.stdout)
    assert seen["errors"] > 0 and seen["events_taken"] == 0
    assert f"{seen['errors']} requests failed, the first with: 413" in done.stderr


def test_nobody_there_is_a_failure():
    done = send_bench("http://127.0.0.1:1")
    assert (done.returncode, done.stdout) == (2, "")
    assert "127.0.0.1:1" in done.stderr


@pytest.mark.parametrize("flags", [
    ["send"], ["send", "--bench", "baseline"], ["send", "--bench", "--events", "5"],
    ["send", "--bench", "--connections", "0"], ["send", "--bench", "--batch", "50001"],
    ["send", "--bench", "--seconds", "0"], ["send", "--bench", "--rate", "-1"],
    ["send", "baseline", "--connections", "2"], ["send", "--bench", "--url", "https://h"],
])
def test_flags_that_make_no_sense_are_refused(flags):
    done = subprocess.run([BINARY, *flags], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60, check=False, env=clean_environment())
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr
