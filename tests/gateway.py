# SPDX-License-Identifier: Apache-2.0
"""A demo API and Debian's nginx in front of it, on loopback."""
import http.server
import os
import pathlib
import re
import shutil
import socket
import subprocess
import threading

import requests

from harness import ROOT, wait_until

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class DemoApi:
    """Answers every request with 200 and what it was."""

    def __init__(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                body = f"{self.command} {self.path}".encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, *_):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Nginx:
    """The shipped configuration with other ports and another service, as a process of ours."""

    def __init__(self, folder, api_port, guard_port, service, fail="open"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.port = free_port()
        text = (ROOT / "deploy/nginx/driftguard-guard.conf").read_text()
        for old, new in ((r"127\.0\.0\.1:9000", f"127.0.0.1:{api_port}"),
                         (r"127\.0\.0\.1:8000", f"127.0.0.1:{guard_port}"),
                         (r"listen 8080;", f"listen 127.0.0.1:{self.port};"),
                         (r"payments_api", service)):
            text, count = re.subn(old, new, text)
            assert count == 1, old
        if fail == "closed":
            text, count = re.subn(r"return 204;", "return 403;", text)
            assert count == 1
        (self.folder / "guard.conf").write_text(text)
        places = "".join(f"{name}_temp_path {self.folder}/{name};\n" for name in
                         ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (self.folder / "nginx.conf").write_text(
            # Its workers would otherwise not be root, who runs the tests, and own no files.
            f"{'user root;' if os.geteuid() == 0 else ''}\n"
            f"daemon off;\nworker_processes 1;\npid {self.folder}/pid;\n"
            f"error_log {self.folder}/error.log info;\nevents {{ worker_connections 256; }}\n"
            f"http {{\naccess_log {self.folder}/access.log;\n{places}"
            f"include {self.folder}/guard.conf;\n}}\n")
        self.process = subprocess.Popen([NGINX, "-e", f"{self.folder}/start.log", "-c",
                                         f"{self.folder}/nginx.conf"], stdin=subprocess.DEVNULL)
        wait_until(self.listens, 20, "nginx did not listen")

    def listens(self):
        assert self.process.poll() is None, (self.folder / "start.log").read_text()
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0

    def request(self, method="POST", path="/v2/payments", **options):
        with requests.Session() as session:
            session.trust_env = False
            return session.request(method, f"http://127.0.0.1:{self.port}{path}", timeout=30,
                                   **options)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
