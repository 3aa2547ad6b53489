# SPDX-License-Identifier: Apache-2.0
"""Debian's PostgreSQL 15, started for the tests on a private socket; no port, no mock."""
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile

import psycopg2

PROGRAMS = pathlib.Path("/usr/lib/postgresql/15/bin")


class Cluster:
    """A server and its data, in a short temporary path (a socket's name is 107 bytes at most)."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dgpg"))
        self.data = self.folder / "data"
        self.databases = 0
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        self._run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "--no-sync",
                  "-E", "UTF8", "--locale", "C.UTF-8")
        # The machine does not lose power in a test, so the disk need not be waited for.
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.write(f"unix_socket_directories = '{self.folder}'\nlisten_addresses = ''\n"
                       "fsync = off\nmax_connections = 120\nshared_buffers = 64MB\n")
        self.start()
        with self.connect("postgres") as cursor:
            cursor.execute("CREATE ROLE dev LOGIN SUPERUSER PASSWORD 'dev'")

    def _run(self, program, *arguments):
        # PostgreSQL refuses to run as root.
        prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        done = subprocess.run([*prefix, PROGRAMS / program, *map(str, arguments)], cwd="/",
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        assert done.returncode == 0, done.stdout.decode()

    def start(self):
        self._run("pg_ctl", "start", "-w", "-D", self.data, "-l", self.folder / "log")

    def stop(self, mode="fast"):
        self._run("pg_ctl", "stop", "-w", "-D", self.data, "-m", mode)

    def connect(self, database, user="postgres"):
        """A cursor that commits each statement."""
        connection = psycopg2.connect(host=str(self.folder), dbname=database, user=user)
        connection.autocommit = True
        return _Cursor(connection)

    def new_database(self):
        """A fresh database; gives its name."""
        self.databases += 1
        name = f"drift{self.databases}"
        with self.connect("postgres") as cursor:
            cursor.execute(f"CREATE DATABASE {name} OWNER dev")
        return name

    def url(self, database):
        return f"postgresql://dev:dev@/{database}?host={self.folder}"

    def remove(self):
        if (self.data / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)


class _Cursor:
    def __init__(self, connection):
        self.connection = connection

    def __enter__(self):
        return self.connection.cursor()

    def __exit__(self, *_):
        self.connection.close()
