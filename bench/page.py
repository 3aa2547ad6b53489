# SPDX-License-Identifier: Apache-2.0
"""A run as Markdown: printed, and put into docs/PERFORMANCE.md between two marks."""
import parts
import table

PAGE = parts.ROOT / "docs/PERFORMANCE.md"
BEGIN = "<!-- script/bench --write-docs writes from here -->\n"
END = "<!-- to here -->\n"


def text_of(facts, run):
    sections = [table.machine_line(facts) + "."]
    if run.rows:
        sections.append(table.text_of(run.rows))
    if run.limits:
        sections += ["Limits of the same machine in the same run:",
                     table.text_of(run.limits, columns=2)]
    if run.stages:
        sections += ["Where the time of one event goes:", table.text_of(run.stages, columns=2)]
    return "\n\n".join(sections + run.notes) + "\n"


def write(facts, run):
    before, found, rest = PAGE.read_text().partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not found or not ended:
        raise parts.Failure(f"{PAGE} lacks the marks between which figures stand")
    PAGE.write_text(f"{before}{BEGIN}\n{text_of(facts, run)}\n{END}{after}")
