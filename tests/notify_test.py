# SPDX-License-Identifier: Apache-2.0
"""Alarms told to people and programs: Slack, webhook, Alertmanager, command; real receivers."""
import hashlib
import hmac
import json
import pathlib
import subprocess
import time

import pytest

from alarms_test import MINUTE, normal_then, payments, settled
from harness import BINARY, EMBEDDED, ON_POSTGRES, clean_environment, event, seeded, wait_until
from receiver import Receiver, nobody_at

SLACK_PATH = "/services/T0SECRET/B0SECRET/geheimnis24"
QUICK = {"DRIFTGUARD_ALERT_GROUP_WAIT_SECONDS": 1, "DRIFTGUARD_ALERT_INTERVAL_MIN_SECONDS": 0,
         "DRIFTGUARD_ALERT_RETRY_SECONDS_MAX": 1}
TOLD_SECONDS_MAX = 90  # From the drift to the message.


def slack(receiver, **settings):
    return {**QUICK, "SLACK_WEBHOOK_URL": receiver.url(SLACK_PATH), **settings}


def incident_of(server, service):
    found = server.get("/v1/incidents", service=service).json()["incidents"]
    return found[0] if found else None


def notices_of(server, service):
    """(event, state) of each notice of the latest incident, as the API tells them."""
    incident = incident_of(server, service)
    return [(notice["event"], notice["state"]) for notice in incident["notices"]] \
        if incident else []


def told(server, service, *wanted):
    return wait_until(lambda: notices_of(server, service) == list(wanted), 60,
                      f"notices did not become {wanted}")


def replace_baseline(server, service):
    """What drifts becomes normal, which ends the incident."""
    now = time.time()
    server.build_baseline(service, now - 7 * MINUTE, now - MINUTE)


@pytest.mark.release  # What is promised within a time.
def test_drift_on_is_one_message_within_90_s_and_off_is_another(new_server, service):
    """With the default waits, traffic as it comes."""
    rng = seeded()
    with Receiver() as receiver:
        server = new_server({"SLACK_WEBHOOK_URL": receiver.url(SLACK_PATH),
                             "DRIFTGUARD_PUBLIC_URL": "https://drift.example.org/"}).start()
        begin = time.time()
        server.store(payments(service, begin - 60 * MINUTE, begin, 100, rng))
        server.build_baseline(service, begin - 60 * MINUTE, begin)
        settled(server, service, lambda found: found["baseline_version"] == 1)
        drift, sent = time.time(), time.time()
        while not receiver.requests and time.time() < drift + TOLD_SECONDS_MAX:
            now = time.time()
            server.store(payments(service, sent, now, 160, rng))
            sent = now
            time.sleep(0.5)
        assert receiver.requests, "no message in time"
        message = receiver.requests[0].json()
        text = json.dumps(message)
        assert service in message["text"] and "amount" in text
        assert "by chance once in" in text and "baseline" in text and "Began at about" in text
        assert f"https://drift.example.org/alarms?service={service}" in text
        assert {block["type"] for block in message["blocks"]} <= {"header", "section", "context",
                                                                  "actions"}
        told(server, service, ("opened", "sent"))
        # As normal as it was before: another baseline, of that.
        server.build_baseline(service, drift, sent - 10)
        told(server, service, ("opened", "sent"), ("resolved", "sent"))
        one = incident_of(server, service)["id"]
        assert [request.headers["Driftguard-Notice"] for request in receiver.requests] == [
            one + "-opened", one + "-resolved"], server.stderr()
        assert "over" in receiver.requests[1].json()["text"]


def test_fifty_features_together_are_one_message(new_server, service):
    rng = seeded()

    def traffic(begin, end, mean):
        return [event(service, begin + i / 5, **{f"feature_{k}": round(rng.gauss(mean, 10), 1)
                                                 for k in range(50)})
                for i in range(int((end - begin) * 5))]
    with Receiver() as receiver:
        server = new_server(slack(receiver)).start()
        now = time.time()
        change = now - 3 * MINUTE
        for minutes in range(60, 0, -10):
            server.store(traffic(change - minutes * MINUTE, change - (minutes - 10) * MINUTE, 100))
        server.store(traffic(change, now, 160))
        server.build_baseline(service, change - 60 * MINUTE, change - 20)
        settled(server, service, lambda found: len(found["firing"]) >= 50)
        told(server, service, ("opened", "sent"))
        message = receiver.requests[0].json()
        assert f"{service}: 50 alarms fire" in message["text"], message["text"]
        assert len(message["blocks"]) <= 50
        assert "and 40 more" in json.dumps(message)
        time.sleep(3)
        assert len(receiver.requests) == 1


def test_kill_9_between_alarm_and_message_loses_nothing(new_server, service):
    with Receiver() as receiver:
        server = new_server(slack(receiver, DRIFTGUARD_ALERT_GROUP_WAIT_SECONDS=20)).start()
        normal_then(server, service, 140)
        wait_until(lambda: incident_of(server, service), 60)
        server.kill()
        assert receiver.requests == []
        server.start()
        # On PostgreSQL the lease of the one that died is waited for.
        wait_until(lambda: receiver.requests, 90, "not told after the restart")
        told(server, service, ("opened", "sent"))
        server.restart()
        time.sleep(3)
        assert len(receiver.requests) == 1


def test_a_receiver_that_is_down_is_told_once_when_it_is_back(new_server, service):
    with Receiver(lambda n: 503) as receiver:
        server = new_server(slack(receiver)).start()
        normal_then(server, service, 140)
        wait_until(lambda: len(receiver.requests) >= 5, 60)
        assert notices_of(server, service) == [("opened", "waiting")]
        notice = incident_of(server, service)["notices"][0]
        assert notice["tries"] >= 4 and notice["detail"].startswith("503")
        port = receiver.port
    with nobody_at(port):
        wait_until(lambda: "no server" in incident_of(server, service)["notices"][0]["detail"], 30)
        server.kill()
        server.start()
    with Receiver(port=port) as receiver:
        wait_until(lambda: receiver.requests, 90, "not told when it was back")
        told(server, service, ("opened", "sent"))
        time.sleep(3)
        assert len(receiver.requests) == 1, (
            [(request.headers["Driftguard-Notice"], request.at) for request in receiver.requests],
            server.get("/v1/incidents", service=service).text, server.stderr())


@ON_POSTGRES
def test_two_nodes_on_one_database_send_one_message(new_server, database_url, service):
    with Receiver() as receiver:
        url = database_url()
        first = new_server(slack(receiver), url=url).start()
        second = new_server(slack(receiver), url=url).start()
        normal_then(first, service, 140)
        told(second, service, ("opened", "sent"))
        replace_baseline(second, service)
        told(first, service, ("opened", "sent"), ("resolved", "sent"))
        time.sleep(3)
        assert len(receiver.requests) == 2


@EMBEDDED
def test_what_came_and_went_while_the_receiver_was_away_is_one_message(new_server, service):
    status = [503]
    with Receiver(lambda n: status[0]) as receiver:
        server = new_server(slack(receiver)).start()
        normal_then(server, service, 140)
        wait_until(lambda: receiver.requests, 60)
        replace_baseline(server, service)
        wait_until(lambda: incident_of(server, service)["state"] == "closed", 60)
        assert ("resolved", "waiting") in notices_of(server, service)
        status[0] = 200
        told(server, service, ("opened", "sent"), ("resolved", "skipped"))
        assert len(receiver.taken()) == 1 and "over" in receiver.taken()[0].json()["text"]


@EMBEDDED
def test_what_is_refused_is_given_up_and_shown(new_server, service):
    statuses = [400, 403, 404, 410]
    with Receiver(lambda n: (statuses[n % 4], {}, b"invalid_token")) as receiver:
        server = new_server(slack(receiver)).start()
        names = [f"{service}_{i}" for i in range(len(statuses))]
        for name in names:
            normal_then(server, name, 140)
        for name in names:
            told(server, name, ("opened", "failed"))
        details = [incident_of(server, name)["notices"][0]["detail"] for name in names]
        assert sorted(details) == [f"{status}: invalid_token" for status in statuses]
        for name in names:
            replace_baseline(server, name)
        for name in names:
            told(server, name, ("opened", "failed"), ("resolved", "skipped"))
        time.sleep(3)
        assert len(receiver.requests) == len(statuses)
        metrics = server.get("/metrics").text
        assert 'driftguard_notices_failed_total{target="slack"} 4' in metrics


@EMBEDDED
def test_retry_after_is_kept_to(new_server, service):
    with Receiver(lambda n: (429, {"Retry-After": "4"}, b"") if n == 0 else 200) as receiver:
        server = new_server(slack(receiver)).start()
        normal_then(server, service, 140)
        told(server, service, ("opened", "sent"))
        first, second = receiver.requests
        assert second.at - first.at >= 4


@EMBEDDED
def test_redirects_are_not_followed(new_server, service):
    with Receiver() as other:
        moved = (302, {"Location": other.url("/elsewhere")}, b"")
        with Receiver(lambda n: moved) as receiver:
            server = new_server(slack(receiver)).start()
            normal_then(server, service, 140)
            told(server, service, ("opened", "failed"))
            assert "redirects" in incident_of(server, service)["notices"][0]["detail"]
            assert len(receiver.requests) == 1
        assert other.requests == []


@EMBEDDED
def test_a_webhook_is_signed_and_carries_the_incident(new_server, service):
    secret = "hush-hush-hush"
    with Receiver() as receiver:
        server = new_server({**QUICK, "DRIFTGUARD_ALERT_WEBHOOK_URL": receiver.url("/hook?k=v"),
                             "DRIFTGUARD_ALERT_WEBHOOK_SECRET": secret}).start()
        normal_then(server, service, 140)
        told(server, service, ("opened", "sent"))
        request = receiver.requests[0]
        assert request.path == "/hook?k=v"
        assert request.headers["Content-Type"] == "application/json"
        stamp = request.headers["Driftguard-Timestamp"]
        assert abs(int(stamp) - time.time()) < 60
        signature = hmac.new(secret.encode(), stamp.encode() + b"." + request.body,
                             hashlib.sha256).hexdigest()
        assert hmac.compare_digest(request.headers["Driftguard-Signature"], "sha256=" + signature)
        told_of, kept = request.json(), incident_of(server, service)
        assert told_of["event"] == "opened" and told_of["service"] == service
        assert told_of["id"] == request.headers["Driftguard-Notice"] == kept["id"] + "-opened"
        assert told_of["incident"]["alarms"] == kept["alarms"]


@EMBEDDED
def test_alertmanager_gets_alerts_again_and_again_and_then_their_end(new_server, service):
    with Receiver() as receiver:
        server = new_server({"DRIFTGUARD_ALERTMANAGER_URL": receiver.url("/am"),
                             "DRIFTGUARD_ALERTMANAGER_RESEND_SECONDS": 1}).start()
        normal_then(server, service, 140)
        wait_until(lambda: len(receiver.requests) >= 3, 60)
        replace_baseline(server, service)
        wait_until(lambda: ("resolved", "sent") in notices_of(server, service), 60)
        count = len(receiver.requests)
        assert {request.path for request in receiver.requests} == {"/am/api/v2/alerts"}
        first, last = receiver.requests[0].json(), receiver.requests[-1].json()
        assert [alert["labels"] for alert in first] == [alert["labels"] for alert in last] == [
            {"alertname": "DriftguardAlarm", "service": service, "alarm": "amount",
             "subject": "numbers"}]
        assert first[0]["startsAt"] == last[0]["startsAt"]
        assert last[0]["endsAt"] == incident_of(server, service)["closed_at"]
        time.sleep(3)
        assert len(receiver.requests) == count, "goes on after the end"


@EMBEDDED
def test_a_command_gets_it_on_its_input_and_almost_no_environment(new_server, service, tmp_path):
    out = tmp_path / "told"
    script = f"cat > {out}.json; env > {out}.env; ls -l /proc/self/fd > {out}.fds"
    toml = f"alert_command = ['/bin/sh', '-c', '{script}']\n"
    server = new_server({**QUICK, "DRIFTGUARD_ALERT_WEBHOOK_URL": "http://127.0.0.1:9/x"},
                        toml=toml).start()
    normal_then(server, service, 140)
    wait_until(lambda: ("opened", "sent") in notices_of(server, service), 60)
    message = json.loads(pathlib.Path(f"{out}.json").read_text())
    assert message["service"] == service and message["event"] == "opened"
    names = {line.split("=")[0] for line in pathlib.Path(f"{out}.env").read_text().splitlines()}
    assert names <= {"PATH", "LANG", "PWD", "OLDPWD", "SHLVL", "_"}
    opened = pathlib.Path(f"{out}.fds").read_text()
    assert "socket:" not in opened and "data/" not in opened


@EMBEDDED
def test_a_slow_target_holds_up_no_other(new_server, service):
    def sleep_then(_):
        time.sleep(8)
        return 200
    with Receiver(sleep_then) as slow, Receiver() as quick:
        server = new_server({**slack(quick), "DRIFTGUARD_ALERT_WEBHOOK_URL": slow.url(),
                             "DRIFTGUARD_ALERT_TIMEOUT_SECONDS": 10}).start()
        normal_then(server, service, 140)
        wait_until(lambda: quick.requests, 60)
        assert ("opened", "waiting") in notices_of(server, service)
        begin = time.time()
        assert server.stop() == 0
        assert time.time() - begin < 8, "a message under way held up the end"


def self_signed(tmp_path, name="127.0.0.1"):
    pem, certificate = tmp_path / "both.pem", tmp_path / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", f"/CN={name}", "-addext", f"subjectAltName=IP:{name}",
                    "-keyout", tmp_path / "key.pem", "-out", certificate],
                   check=True, capture_output=True)
    pem.write_text((tmp_path / "key.pem").read_text() + certificate.read_text())
    return pem, certificate


@EMBEDDED
def test_tls_is_verified_by_the_authorities_that_are_set(new_server, service, tmp_path):
    pem, certificate = self_signed(tmp_path)
    with Receiver(certificate=pem) as receiver:
        server = new_server(slack(receiver)).start()
        normal_then(server, service, 140)
        def refused():
            incident = incident_of(server, service)
            return incident and incident["notices"][0]["detail"]
        assert "certificate" in wait_until(refused, 60)
        assert receiver.requests == []
        assert server.stop() == 0
        server.settings["DRIFTGUARD_ALERT_CA_FILE"] = certificate
        server.start()
        wait_until(lambda: receiver.requests, 60)
        told(server, service, ("opened", "sent"))


@EMBEDDED
def test_secrets_are_nowhere(new_server, service):
    """Not in answers, logs or the outbox, not even when a receiver repeats them."""
    def echo(n):
        return (503 if n < 3 else 404, {}, f"no such path: {SLACK_PATH}".encode())
    with Receiver(echo) as receiver:
        server = new_server(slack(receiver, DRIFTGUARD_LOG_LEVEL="debug",
                                  DRIFTGUARD_ALERT_WEBHOOK_URL="http://me:hush-hush@127.0.0.1:9/x",
                                  DRIFTGUARD_ALERT_WEBHOOK_SECRET="hush-hush-too")).start()
        normal_then(server, service, 140)
        wait_until(lambda: len(receiver.requests) >= 2, 60)
        shown = "".join(server.get(path, service=service).text for path in (
            "/v1/incidents", "/v1/alarms", "/v1/notices", "/metrics", "/health"))
        wait_until(lambda: ("opened", "failed") in notices_of(server, service), 60)
        shown += "".join(server.get(path, service=service).text for path in (
            "/v1/incidents", "/v1/notices"))
        asked = subprocess.run([BINARY, "doctor"], cwd=server.folder, capture_output=True,
                               env=clean_environment(server.settings), text=True, check=False)
        tested = subprocess.run([BINARY, "alert", "test"], cwd=server.folder, capture_output=True,
                                env=clean_environment(server.settings), text=True, check=False)
        assert server.stop() == 0
        shown += asked.stdout + asked.stderr + tested.stdout + tested.stderr + server.stderr()
        shown += (server.folder / "stdout").read_text()
    assert "no such path: ***" in shown
    for secret in ("SECRET", "geheimnis24", "hush-hush"):
        assert secret not in shown


# --- driftguard alert test ---

def alert_test(settings, *arguments):
    return subprocess.run([BINARY, "alert", "test", *arguments], capture_output=True, text=True,
                          env=clean_environment(settings), check=False, timeout=60)


def test_alert_test_sends_one_to_each_and_says_what_came_back(tmp_path):
    with Receiver() as good, Receiver(lambda n: (403, {}, b"invalid_token")) as bad:
        settings = {"SLACK_WEBHOOK_URL": good.url(SLACK_PATH),
                    "DRIFTGUARD_ALERTMANAGER_URL": good.url(),
                    "DRIFTGUARD_ALERT_COMMAND": f"/bin/sh -c 'cat > {tmp_path}/told'"}
        told_all = alert_test(settings)
        assert told_all.returncode == 0, told_all.stderr
        assert "slack: delivered (200: ok)" in told_all.stdout
        assert len(good.requests) == 2
        assert json.loads((tmp_path / "told").read_text())["event"] == "test"
        one = alert_test({**settings, "DRIFTGUARD_ALERT_WEBHOOK_URL": bad.url()},
                         "--target", "webhook")
        assert one.returncode == 2 and "403: invalid_token" in one.stdout
        assert len(good.requests) == 2 and len(bad.requests) == 1
        unknown = alert_test(settings, "--target", "pager")
        assert unknown.returncode == 2 and "slack" in unknown.stderr
    nobody = alert_test({})
    assert nobody.returncode == 2 and "SLACK_WEBHOOK_URL" in nobody.stderr


@EMBEDDED
def test_a_bad_address_stops_the_start_and_is_not_repeated(new_server):
    server = new_server({"SLACK_WEBHOOK_URL": "hooks.example.org/geheimnis24"}).spawn()
    assert server.process.wait(30) == 2
    assert "SLACK_WEBHOOK_URL" in server.stderr().upper() and "geheim" not in server.stderr()
