# SPDX-License-Identifier: Apache-2.0
"""The container files, checked without a container engine."""
import importlib.machinery
import importlib.util
import pathlib
import re
import subprocess

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "build/release/driftguard"
# What debian:bookworm-slim brings of itself.
BASE_PACKAGES = {"libc6", "libgcc-s1", "libstdc++6"}

pytestmark = pytest.mark.release


def load(path):
    loader = importlib.machinery.SourceFileLoader("dockerfile_steps", str(path))
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


STEPS = load(ROOT / "script/dockerfile-steps")
BUILD, RUNTIME = STEPS.stages(STEPS.DOCKERFILE.read_text())
COMPOSE = yaml.safe_load((ROOT / "deploy/docker-compose.yml").read_text())


def words(stage):
    return [step.word for step in stage]


def rest_of(stage, word):
    return [step.rest for step in stage if step.word == word]


def runtime_packages():
    install = re.search(r"apt-get install -y --no-install-recommends ([^&]+)",
                        rest_of(RUNTIME, "RUN")[0])
    return install[1].split()


def test_every_instruction_is_known():
    known = {"FROM", "WORKDIR", "COPY", "RUN", "USER", "VOLUME", "ENV", "EXPOSE", "STOPSIGNAL",
             "HEALTHCHECK", "ENTRYPOINT", "CMD"}
    assert set(words(BUILD + RUNTIME)) <= known


def test_both_stages_stand_on_debian_12():
    bases = [rest_of(stage, "FROM")[0].split()[0] for stage in (BUILD, RUNTIME)]
    assert bases == ["debian:bookworm-slim"] * 2


def test_every_copied_file_is_in_the_build_context(tmp_path):
    STEPS.make_context(tmp_path)
    for rest in rest_of(BUILD, "COPY"):
        for source in rest.split()[:-1]:
            assert (tmp_path / source).exists(), f"COPY {rest}: .dockerignore hides {source}"


def test_the_context_holds_no_data_and_no_secrets(tmp_path):
    STEPS.make_context(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "CMakeLists.txt", "CMakePresets.json", "script", "src", "web"}
    assert not list(tmp_path.rglob("*_test.cpp"))
    assert not (tmp_path / "web/node_modules").exists()


def test_the_program_runs_as_an_ordinary_user():
    order = words(RUNTIME)
    assert order.index("USER") < order.index("ENTRYPOINT")
    assert rest_of(RUNTIME, "USER") == ["driftguard"]
    assert "useradd --system --uid 10001" in rest_of(RUNTIME, "RUN")[0]


def test_the_image_stops_cleanly_and_keeps_its_data():
    assert rest_of(RUNTIME, "STOPSIGNAL") == ["SIGTERM"]
    assert rest_of(RUNTIME, "VOLUME") == ["/var/lib/driftguard"]
    assert rest_of(RUNTIME, "WORKDIR") == ["/var/lib/driftguard"]
    assert rest_of(RUNTIME, "EXPOSE") == ["8000"]
    assert "/readyz" in rest_of(RUNTIME, "HEALTHCHECK")[0]
    assert rest_of(RUNTIME, "ENTRYPOINT") == ['["driftguard"]']


@pytest.mark.parametrize("package", runtime_packages())
def test_runtime_package_exists(package):
    policy = subprocess.run(["apt-cache", "policy", package], text=True, check=True,
                            stdout=subprocess.PIPE, env={"PATH": "/usr/bin", "LC_ALL": "C"}).stdout
    assert re.search(r"^  (Candidate|Installed): (?!\(none\))", policy, re.MULTILINE), package


def packages_needed(program):
    """The Debian packages of the libraries the program names itself."""
    headers = subprocess.run(["objdump", "-p", program], text=True, check=True,
                             stdout=subprocess.PIPE).stdout
    named = set(re.findall(r"NEEDED +(\S+)", headers))
    linked = subprocess.run(["ldd", program], text=True, check=True, stdout=subprocess.PIPE).stdout
    assert "not found" not in linked
    found = set()
    for name, path in re.findall(r"(\S+) => (\S+)", linked):
        if name in named:
            # dpkg knows files by the path they were packed with, before /lib became a link.
            places = {path, str(pathlib.Path(path).resolve()), "/usr" + path}
            owner = subprocess.run(["dpkg-query", "-S", *places], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
            assert owner, f"no package owns {path}"
            found.add(owner.split(":")[0])
    return found


def test_the_image_has_every_library_the_program_links():
    missing = packages_needed(PROGRAM) - set(runtime_packages()) - BASE_PACKAGES
    assert not missing, f"deploy/Dockerfile's runtime stage lacks {sorted(missing)}"


@pytest.mark.alone
def test_the_build_steps_make_a_program_that_runs():
    done = subprocess.run([ROOT / "script/dockerfile-steps"], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout[-4000:]
    assert re.search(r"\d+\.\d+\.\d+", done.stdout.splitlines()[-1])


def test_compose_has_the_seeds_services_and_driftguard():
    assert set(COMPOSE["services"]) == {"db", "adminer", "driftguard"}


def test_compose_gives_postgresql_the_seeds_names():
    db = COMPOSE["services"]["db"]
    assert db["image"] == "postgres:15"
    assert db["environment"] == {
        "POSTGRES_USER": "dev", "POSTGRES_PASSWORD": "dev", "POSTGRES_DB": "drift"}
    assert db["ports"] == ["127.0.0.1:5432:5432"]
    assert "pg_isready" in db["healthcheck"]["test"]


def test_compose_runs_driftguard_on_that_database():
    service = COMPOSE["services"]["driftguard"]
    assert service["environment"]["DATABASE_URL"] == "postgresql://dev:dev@db:5432/drift"
    assert service["environment"]["DRIFTGUARD_LISTEN"] == "0.0.0.0:8000"
    assert service["depends_on"] == {"db": {"condition": "service_healthy"}}
    assert "http://127.0.0.1:8000/readyz" in service["healthcheck"]["test"]
    context = (ROOT / "deploy" / service["build"]["context"]).resolve()
    assert (context / service["build"]["dockerfile"]).is_file()


def test_compose_gives_driftguard_no_more_than_it_needs():
    service = COMPOSE["services"]["driftguard"]
    assert service["read_only"] is True
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["cap_drop"] == ["ALL"]


def test_compose_restarts_and_keeps_what_it_stores():
    for service in COMPOSE["services"].values():
        assert service["restart"] == "unless-stopped"
        for volume in service.get("volumes", []):
            assert volume.split(":")[0] in COMPOSE["volumes"]
