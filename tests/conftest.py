# SPDX-License-Identifier: Apache-2.0
"""Fixtures: a shared server of each store for tests that only talk to it, fresh ones for tests
that configure, stop or break it, and a service's name that is the test's own."""
import itertools
import shutil
import signal
import tempfile

import pytest

from harness import Server
from postgres_cluster import Cluster

_numbers = itertools.count(1)
# A shell's background job ignores it, and so would every server started here.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser):
    parser.addoption("--crash-cycles", type=int, default=6,
                     help="kill -9 cycles a store in crash_test.py")


# Files whose tests wait longest, some minutes in all.
PATIENT = ("notify_test", "guard_test", "views_test", "prometheus_test", "alarms_test",
           "joint_test", "crash_test", "retention_test")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Those go first: where several run at a time, none is waited for at the end."""
    items.sort(key=lambda item: item.path.stem not in PATIENT)


@pytest.fixture(scope="session")
def postgres():
    cluster = Cluster()
    yield cluster
    cluster.remove()


@pytest.fixture(scope="session", params=["rocksdb", "postgresql"])
def engine(request):
    """The store. `@EMBEDDED` holds a test, or a whole module, to the embedded one."""
    return request.param


@pytest.fixture(scope="session")
def database_url(engine, request):
    """Gives the URL of a fresh store; None is the embedded one in the server's own folder."""
    def make():
        if engine == "rocksdb":
            return None
        cluster = request.getfixturevalue("postgres")
        return cluster.url(cluster.new_database())
    return make


def _ended_well(server):
    for word in ("Sanitizer", "runtime error: "):
        assert word not in server.stderr(), server.stderr()


@pytest.fixture(scope="session")
def _shared(engine, database_url):
    folder = tempfile.mkdtemp(prefix=f"driftguard-{engine}-")
    server = Server(folder, database_url()).start()
    yield server
    if server.running():
        assert server.stop() == 0, server.stderr()
    _ended_well(server)
    shutil.rmtree(folder)


@pytest.fixture
def server(_shared):
    """A running server that other tests use too: settings by default, never to be stopped."""
    if not _shared.running():
        _shared.start()
    yield _shared
    assert _shared.running(), f"the server died: {_shared.stderr()}"


@pytest.fixture
def new_server(engine, database_url, tmp_path):
    """Makes servers that are the test's own, on a store of its own unless `url` names one."""
    made = []

    def make(settings=None, toml=None, url=None):
        folder = tmp_path / f"server{len(made)}"
        made.append(Server(folder, url or database_url(), settings, toml))
        return made[-1]
    yield make
    for server in made:
        if server.running():
            assert server.stop() == 0, server.stderr()
        _ended_well(server)


@pytest.fixture
def service():
    """A service that nobody else sends events of."""
    return f"service_{next(_numbers)}"
