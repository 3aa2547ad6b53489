# SPDX-License-Identifier: Apache-2.0
"""The files of the dashboard, as `serve` gives them out: a made-up page, real requests."""
import gzip
import shutil

import pytest

from harness import BINARY, EMBEDDED, RawClient, Server

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
SCRIPT = "export const answer = 42;\n" * 200


def make_page(folder):
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>page</title>")
    (folder / "icon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "assets/app-AbCd1234.js").write_text(SCRIPT)
    (folder / "assets/app-AbCd1234.js.br").write_bytes(b"as brotli has it")
    return folder


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    (folder / "secret.txt").write_text("secret")
    web = make_page(folder / "web")
    (web / "link.txt").symlink_to(folder / "secret.txt")
    (web / "up").symlink_to(folder, target_is_directory=True)
    server = Server(folder / "server", settings={"DRIFTGUARD_WEB_DIRECTORY": web}).start()
    yield server
    assert server.stop() == 0, server.stderr()


def raw(server, target, *headers):
    with RawClient(server) as client:
        lines = [f"GET {target} HTTP/1.1", "Host: localhost", *headers]
        return client.send("\r\n".join(lines).encode() + b"\r\n\r\n").answer()


def test_the_root_is_the_page(page):
    answer = page.get("/")
    assert answer.status_code == 200 and "<title>page</title>" in answer.text
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    again = page.request("GET", "/", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304 and not again.content


def test_assets_are_kept_for_ever_and_come_compressed(page):
    path = "/assets/app-AbCd1234.js"
    status, headers, body = raw(page, path, "Accept-Encoding: gzip")
    assert status == 200 and gzip.decompress(body).decode() == SCRIPT
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in page.get(path).headers["Vary"]
    status, headers, body = raw(page, path, "Accept-Encoding: gzip, deflate, br")
    assert headers["Content-Encoding"] == "br" and body == b"as brotli has it"
    status, headers, body = raw(page, path)
    assert "Content-Encoding" not in headers and body.decode() == SCRIPT


@pytest.mark.parametrize("path", ["/", "/icon.svg", "/assets/app-AbCd1234.js", "/services/x"])
def test_every_file_has_a_strict_policy(page, path):
    answer = page.request("GET", path, headers=BROWSER)
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'") and "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/", "/icon.svg", "/services/pay.ments/checks/a_ks"])
def test_head_tells_what_get_would(page, path):
    got = page.request("GET", path, headers=BROWSER)
    told = page.request("HEAD", path, headers=BROWSER)
    assert told.status_code == got.status_code == 200 and not told.content
    for name in ("ETag", "Content-Type", "Content-Length", "Cache-Control"):
        assert told.headers[name] == got.headers[name]


@pytest.mark.parametrize("path", ["/services/pay", "/services/pay%2Fments", "/baselines", "/v10"])
def test_a_browser_that_goes_somewhere_gets_the_page(page, path):
    assert "<title>page</title>" in page.request("GET", path, headers=BROWSER).text


@pytest.mark.parametrize("path", ["/v1/unknown", "/v1", "/v1/", "/reports", "/reports/x", "//v1/x",
                                  "/assets/app-gone.js", "/assets/app-AbCd1234.js.br"])
def test_unknown_paths_of_the_api_stay_problems(page, path):
    status, headers, _ = raw(page, path, f"Accept: {BROWSER['Accept']}")
    assert status == 404 and headers["Content-Type"] == "application/problem+json"


def test_programs_are_not_given_the_page_for_what_is_not_there(page):
    for path in ("/services/pay", "/v2/ingest", "/healthz", "/openapi.yaml"):
        assert page.get(path).status_code == 404
    assert page.post("/services/pay").status_code == 404
    assert page.post("/").status_code == 404


def test_the_api_stays_where_it_is(page):
    assert page.request("GET", "/health", headers=BROWSER).json()["status"] == "ok"
    assert page.request("GET", "/v1/services", headers=BROWSER).json() == {"services": []}


@pytest.mark.parametrize("target", [
    "/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/%2e%2e%2fsecret.txt",
    "/assets/../../secret.txt", "/assets/..%2f..%2fsecret.txt", "/assets/%2e%2e/%2e%2e/secret.txt",
    "/..%5csecret.txt", "/link.txt", "/up/secret.txt", "/%00", "/index.html%00.js",
    "//secret.txt", "/./../secret.txt", "/etc/passwd"])
def test_no_path_leads_outside(page, target):
    for accept in ("*/*", BROWSER["Accept"]):
        _, _, body = raw(page, target, f"Accept: {accept}")
        assert b"secret" not in body.replace(b"secret.txt", b"") and b"root:" not in body


@EMBEDDED
def test_without_the_files_the_root_says_how_to_get_them(new_server, tmp_path):
    shutil.copy(BINARY, tmp_path / "driftguard")  # Where no page lies beside it.
    server = new_server()
    server.binary = tmp_path / "driftguard"
    server.start()
    answer = server.get("/")
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/plain")
    assert "build-web" in answer.text
    assert server.request("GET", "/services/x", headers=BROWSER).status_code == 404
    assert server.is_well()


@EMBEDDED
@pytest.mark.parametrize("place", ["bin/web", "share/driftguard/web"])
def test_the_page_is_found_beside_the_program(new_server, tmp_path, place):
    (tmp_path / "bin").mkdir()
    shutil.copy(BINARY, tmp_path / "bin/driftguard")
    make_page(tmp_path / place)
    server = new_server()
    server.binary = tmp_path / "bin/driftguard"
    assert "<title>page</title>" in server.start().get("/").text


@EMBEDDED
def test_a_directory_without_the_page_stops_the_start(new_server, tmp_path):
    server = new_server({"DRIFTGUARD_WEB_DIRECTORY": tmp_path}).spawn()
    assert server.process.wait(30) == 2
    assert "web_directory" in server.stderr() and "index.html" in server.stderr()
