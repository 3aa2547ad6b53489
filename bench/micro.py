# SPDX-License-Identifier: Apache-2.0
"""The benchmarks beside the code: src/ROOM/*_bench.cpp, one program a room."""
import json
import os

import parts


def run_program(run, program, **environment):
    """Its results by benchmark; medians where there are several rounds. Kept as samples too."""
    printed = parts.run(parts.BUILD / program, "--benchmark_format=json",
                        f"--benchmark_min_time={run.size.bench_seconds}",
                        f"--benchmark_repetitions={run.size.rounds}",
                        env={**os.environ, **environment})
    results = json.loads(printed)["benchmarks"]
    wrong = [result["name"] for result in results if result.get("error_occurred")]
    if wrong:
        raise parts.Failure(f"{program}: {', '.join(wrong)} went wrong")
    medians = [result for result in results if result.get("aggregate_name") == "median"]
    found = {result["run_name"]: result for result in medians or results}
    for name, result in found.items():
        run.samples.all[f"{program} {name}"] = [result]
    print(f"  {program}: {len(found)} benchmarks", flush=True)
    return found
