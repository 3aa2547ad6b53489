# SPDX-License-Identifier: Apache-2.0
"""Checks and alarms in /metrics, and Debian's Prometheus with the shipped rules and dashboard."""
import json
import re
import shutil
import subprocess
import time

import pytest
import requests
import yaml

from alarms_test import normal_then
from gateway import free_port
from harness import EMBEDDED, ROOT, event, wait_until
from health_metrics_test import page_of

DEPLOY = ROOT / "deploy/prometheus"
CHECKS_MAX, ALARMS_MAX, SERVICES_MAX = 2000, 2000, 1000  # docs/METRICS.md


def samples(server, name, **labels):
    return [(its, value) for sample, its, value in page_of(server).samples
            if sample == "driftguard_" + name and labels.items() <= its.items()]


def by(server, label, name, service):
    return {its[label]: value for its, value in samples(server, name, service=service)}


def test_checks_are_there_as_the_report_has_them(server, service):
    normal_then(server, service, 140)
    def firing():
        return by(server, "alarm", "alarm_firing", service).get("amount") == 1
    wait_until(firing, 60, "the alarm did not fire in /metrics")
    # A later scrape has the checks that an earlier one asked for.
    wait_until(lambda: by(server, "check", "check_state", service).get("amount_ks") == 1, 60)
    values, thresholds, states = (by(server, "check", name, service) for name in
                                  ("check_value", "check_threshold", "check_state"))
    checks = server.report(service=service)["checks"]
    assert set(states) == set(checks)
    assert states["success_rate"] == 0 and states["amount_ks"] == 1
    assert abs(values["amount_ks"] - checks["amount_ks"]["d"]) < 0.2
    assert values["amount_ks"] > thresholds["amount_ks"] > 0
    assert thresholds["success_rate"] == 0.995 and thresholds["latency_p95"] == 2000
    assert by(server, "alarm", "alarm_evidence_ratio", service)["amount"] >= 1
    assert by(server, "alarm", "alarm_firing", service)["success_rate"] == 0
    assert samples(server, "guard_denying", service=service) == [
        ({"service": service, "reason": "alarm"}, 1)]
    made = samples(server, "checks_made_timestamp_seconds")[0][1]
    assert abs(made - time.time()) < 120


def test_names_are_escaped(server, service):
    odd = service + ' "q" \\ é'
    server.store([event(odd, time.time(), amount=1)])
    wait_until(lambda: samples(server, "check_state", service=odd.replace("\\", "\\\\").replace(
        '"', '\\"')), 60)


@EMBEDDED
def test_series_are_bounded_and_what_is_left_out_is_counted(new_server):
    server = new_server().start()
    body = {f"f{i}": i for i in range(95)}
    for start in range(0, 1100, 100):
        many = [event(f"s{i:04}", time.time(), **(body if i < 30 else {}))
                for i in range(start, start + 100)]
        server.store(many)
    def left_out():
        page = page_of(server)
        return page.value("metrics_left_out_checks") and page.value("metrics_left_out_services")
    wait_until(left_out, 120, "nothing was left out")
    page = page_of(server)
    shown = len([name for name, _, _ in page.samples if name == "driftguard_check_state"])
    # Each service has its levels, 30 of them 95 features.
    assert shown <= CHECKS_MAX
    assert shown + page.value("metrics_left_out_checks") == 1100 * 2 + 30 * 95
    denying = [name for name, _, _ in page.samples if name == "driftguard_guard_denying"]
    assert len(denying) == SERVICES_MAX and page.value("metrics_left_out_services") == 100
    firing = [name for name, _, _ in page.samples if name == "driftguard_alarm_firing"]
    assert len(firing) <= ALARMS_MAX


# --- The shipped files. ---

def promtool(*arguments):
    done = subprocess.run(["promtool", *arguments], cwd=DEPLOY, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_are_rules_and_do_what_they_say():
    promtool("check", "rules", "driftguard.rules.yml")
    promtool("check", "config", "prometheus.yml")
    promtool("test", "rules", "driftguard.rules_test.yml")


def expressions():
    rules = yaml.safe_load((DEPLOY / "driftguard.rules.yml").read_text())
    found = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    board = json.loads((ROOT / "deploy/grafana/driftguard-dashboard.json").read_text())
    assert [one["name"] for one in board["templating"]["list"]] == ["datasource", "service"]
    identities = [panel["id"] for panel in board["panels"]]
    assert len(identities) == len(set(identities))
    for panel in board["panels"]:
        assert panel["title"] and panel["description"] and panel["datasource"]["uid"]
        found += [target["expr"].replace("$service", ".*") for target in panel["targets"]]
    assert len(found) > 15 and not any("$" in one for one in found)
    return found


class Prometheus:
    """Debian's, with the shipped configuration but for its target and its intervals."""

    def __init__(self, folder, server):
        config = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())
        config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        config["scrape_configs"][0]["static_configs"] = [{"targets": [f"127.0.0.1:{server.port}"]}]
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        shutil.copy(DEPLOY / "driftguard.rules.yml", folder)
        self.url = f"http://127.0.0.1:{free_port()}"
        with open(folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                ["prometheus", f"--config.file={folder / 'prometheus.yml'}",
                 f"--storage.tsdb.path={folder / 'data'}",
                 f"--web.listen-address={self.url.removeprefix('http://')}"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.session = requests.Session()
        self.session.trust_env = False
        wait_until(self.answers, 60, "prometheus did not start")

    def answers(self):
        assert self.process.poll() is None
        try:
            return self.session.get(self.url + "/-/ready", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False

    def ask(self, path, **parameters):
        answer = self.session.get(f"{self.url}/api/v1/{path}", params=parameters, timeout=30).json()
        assert answer["status"] == "success", answer
        return answer["data"]

    def query(self, expression):
        return self.ask("query", query=expression)["result"]

    def alerts(self):
        return {(alert["labels"]["alertname"], alert["labels"].get("service"),
                 alert["labels"].get("alarm")): alert["state"] for alert in
                self.ask("alerts")["alerts"]}

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


@pytest.fixture
def prometheus(tmp_path):
    """Makes one that scrapes a server."""
    made = []

    def make(server):
        folder = tmp_path / "prometheus"
        folder.mkdir()
        made.append(Prometheus(folder, server))
        return made[0]
    yield make
    for one in made:
        one.stop()


@EMBEDDED
def test_prometheus_scrapes_it_and_its_alert_fires(new_server, prometheus, service):
    server = new_server().start()
    watcher = prometheus(server)
    normal_then(server, service, 140)
    drift = ("DriftguardDrift", service, "amount")
    wait_until(lambda: watcher.alerts().get(drift) == "firing", 90, "the alert did not fire")
    assert not any(name == "DriftguardDown" for name, _, _ in watcher.alerts())
    wait_until(lambda: watcher.query(f'driftguard_check_state{{service="{service}"}} == 1'), 60)
    target = watcher.ask("targets")["activeTargets"][0]
    assert target["health"] == "up" and target["lastError"] == ""
    for expression in expressions():
        watcher.query(expression)  # Understood.
    # What the files ask for is what the server gives.
    known = set(watcher.ask("label/__name__/values"))
    asked = set(re.findall(r"\bdriftguard_[a-z_0-9]+", " ".join(expressions())))
    assert asked - known - {"driftguard_disk_warning"} == set()
    server.kill()
    wait_until(lambda: watcher.query('up{job="driftguard"} == 0'), 30)
