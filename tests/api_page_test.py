# SPDX-License-Identifier: Apache-2.0
"""The examples of docs/API.md, run one after another as a reader does."""
import json
import re
import subprocess

from harness import EMBEDDED, ROOT, clean_environment

PAGE = (ROOT / "docs/API.md").read_text()
EXAMPLE = re.compile(r"```sh\n(.*?)```(?:\n```json\n(.*?)```)?", re.DOTALL)


@EMBEDDED
def test_the_examples_do_what_the_page_says(new_server, tmp_path):
    server = new_server().start()
    examples = EXAMPLE.findall(PAGE)
    assert len(examples) >= 5
    for command, answer in examples:
        command = command.replace("http://127.0.0.1:8000", server.url).replace(
            "curl -s", "curl --noproxy '*' --fail-with-body -s")
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=tmp_path,
                              capture_output=True, env=clean_environment(), check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        if answer:
            assert json.loads(done.stdout) == json.loads(answer), command
    assert json.loads((tmp_path / "baseline.json").read_text())["version"] == 1
    pages = [(tmp_path / name).read_text().splitlines() for name in ("page1", "page2")]
    assert list(map(len, pages)) == [500, 500] and not set(pages[0]) & set(pages[1])


@EMBEDDED
def test_every_path_of_the_page_is_a_route(server):
    paths = set(re.findall(r"(?:GET|POST) (/\S+?)`", PAGE)) - {"/v2/payments"}
    described = set(server.get("/openapi.json").json()["paths"])
    assert paths and paths <= described
