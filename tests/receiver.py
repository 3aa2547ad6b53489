# SPDX-License-Identifier: Apache-2.0
"""A receiver of alerts on loopback: keeps what it gets, and answers as a test says."""
import contextlib
import http.server
import json
import socket
import ssl
import threading
import time


@contextlib.contextmanager
def nobody_at(port):
    """Nobody listens on the port meanwhile, and nobody else is given it."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", port))
        yield


class Received:
    """One request."""

    def __init__(self, path, headers, body, status):
        self.path, self.headers, self.body, self.status = path, headers, body, status
        self.at = time.time()

    def json(self):
        return json.loads(self.body)


class Receiver:
    """Answers each POST with what `answer(n)` gives, n counting from 0: a status, or a tuple of
    status, headers and body. `certificate`: a PEM file with key and certificate, for TLS."""

    def __init__(self, answer=lambda n: 200, certificate=None, port=0):
        self.answer = answer
        self.requests = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver.lock:
                    told = receiver.answer(len(receiver.requests))
                    status, headers, text = told if isinstance(told, tuple) else (told, {}, b"ok")
                    receiver.requests.append(Received(self.path, dict(self.headers), body, status))
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(text))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.lock = threading.Lock()
        http.server.ThreadingHTTPServer.allow_reuse_address = True
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.scheme = "https" if certificate else "http"
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def url(self, path="/"):
        return f"{self.scheme}://127.0.0.1:{self.port}{path}"

    def taken(self):
        """Requests that were answered with success."""
        with self.lock:
            return [request for request in self.requests if 200 <= request.status < 300]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
