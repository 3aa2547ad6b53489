# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL server of one's own."""
import contextlib
import os
import pathlib
import pwd
import subprocess

from parts import Failure, run


def postgres_programs():
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise Failure("There is no PostgreSQL server: script/bootstrap installs it.")
    return found[-1].parent


class Postgres:
    """Debian's PostgreSQL on a private socket, with its own default settings: fsync is on."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.programs = postgres_programs()
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)

    def _run(self, program, *arguments):
        as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        # No pipes: the server keeps what it inherits, and the end of a pipe would never come.
        done = subprocess.run(
            [*as_user, self.programs / program, "-D", self.folder / "data", *arguments], cwd="/",
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            check=False)
        if done.returncode != 0:
            raise Failure(f"{program} ended with {done.returncode}")

    def __enter__(self):
        self._run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8")
        with (self.folder / "data/postgresql.conf").open("a") as conf:
            conf.write(f"listen_addresses = ''\nunix_socket_directories = '{self.folder}'\n")
        self._run("pg_ctl", "-w", "-l", self.folder / "log", "start")
        return self

    def __exit__(self, *_):
        with contextlib.suppress(Failure):
            self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def url(self, database):
        return f"postgresql:///{database}?host={self.folder}&user=postgres"

    def psql(self, database, *commands):
        words = [word for command in commands for word in ("-c", command)]
        return run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", *words, self.url(database))

    @contextlib.contextmanager
    def database(self, name, template="template0"):
        """A database while it is needed, with no writes of earlier ones still under way."""
        self.psql("postgres", f"CREATE DATABASE {name} TEMPLATE {template}", "CHECKPOINT")
        try:
            yield name
        finally:
            self.psql("postgres", f"DROP DATABASE {name} WITH (FORCE)")
