# SPDX-License-Identifier: Apache-2.0
"""script/server --demo, as a newcomer runs it: ok turns into fail, and Ctrl-C ends it."""
import os
import pathlib
import re
import signal
import subprocess
import time

import pytest
import requests

ROOT = pathlib.Path(__file__).resolve().parent.parent
DEMO_SECONDS_MAX = 120

pytestmark = [pytest.mark.release, pytest.mark.alone]


def sections(output):
    """What was printed under each numbered heading, the heading's own words left out."""
    parts = re.split(r"^(\d)\. .*$", output, flags=re.MULTILINE)
    return dict(zip(map(int, parts[1::2]), parts[2::2]))


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Runs the demo to its end: (process, output, seconds it took once built)."""
    log = tmp_path_factory.mktemp("demo") / "log"
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith("DRIFTGUARD_") and name != "DATABASE_URL"}
    with log.open("w") as out:
        process = subprocess.Popen(
            [ROOT / "script/server", "--demo", "--listen", "127.0.0.1:0"], stdout=out,
            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environment, cwd="/")
    began, deadline = None, time.monotonic() + 600 + DEMO_SECONDS_MAX
    try:
        while "Ctrl-C stops the server" not in log.read_text():
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()
            if began is None and "1. The server listens" in log.read_text():
                began = time.monotonic()
            time.sleep(0.05)
        yield process, log.read_text(), time.monotonic() - (began or time.monotonic())
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(30)


def test_the_report_turns_from_ok_to_fail(demo):
    _, output, seconds = demo
    told = sections(output)
    assert re.search(r"\bok\b", told[3]) and not re.search(r"\bfail\b", told[3])
    assert re.search(r"\bfail\b", told[5])
    assert seconds < DEMO_SECONDS_MAX


def test_amount_ks_alone_fails(demo):
    url = re.search(r"http://127\.0\.0\.1:\d+", demo[1])[0]
    report = requests.get(url + "/reports/latest", timeout=10).json()
    assert report["status"] == "fail"
    assert set(report["checks"]) >= {"amount_ks", "currency_psi", "success_rate", "latency_p95"}
    assert [name for name, check in report["checks"].items() if not check["ok"]] == ["amount_ks"]


def test_ctrl_c_stops_it_cleanly(demo):
    process, output, _ = demo
    url = re.search(r"http://127\.0\.0\.1:\d+", output)[0]
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    with pytest.raises(requests.ConnectionError):
        requests.get(url + "/livez", timeout=5)
