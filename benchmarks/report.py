"""Tables of results: the board, a table for each subject, what they were taken with."""

from pathlib import Path
from typing import Any

from benchmarks.board import BOARD, Row, Verdict, judged
from benchmarks.contenders import CONTENDERS
from benchmarks.record import Results, ratio, short, spread

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- begin: written by bench:show -->", "<!-- end -->"
# Contenders beside ours that a line has room for.
FEW = 4
# unit -> (its name in a table, how many of them a figure is)
UNITS = {"s": ("us", 1e6), "B": ("B", 1.0)}


def amount(figures: list[float], unit: str) -> str:
    name, factor = UNITS[unit]
    value = spread(figures).median * factor
    return f"{value:,.{1 if value < 100 else 0}f} {name}"


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def board_table(results: Results) -> str:
    head = ["what", "ours", "of", "ratio", "at most", "verdict", "best other framework"]
    return table(head, [board_line(row, judged(row, results)) for row in BOARD])


def board_line(row: Row, verdict: Verdict | None) -> list[str]:
    if verdict is None:
        return [row.name, "-", row.reference, "-", f"{row.target:g}", "not measured", "-"]
    ours = amount(verdict.ours, verdict.unit)
    peer = "-"
    if verdict.peer:
        name, figures = verdict.peer
        share = short(ratio(figures, verdict.reference).median)
        peer = f"{name}: {amount(figures, verdict.unit)} ({share})"
    met = "met" if verdict.met else "**missed**"
    return [row.name, ours, row.reference, str(verdict.ratio), f"{row.target:g}", met, peer]


def subject_table(subject: str, result: dict[str, Any]) -> str:
    """Our medians, and what part of each other contender's they are, with a line for each case.

    Where there are many others, each has a line instead, with its own median before the ratio.
    """
    present = {name for times in result["cases"].values() for name in times} - {"ours"}
    others = [name for name in CONTENDERS if name in present]
    lines = by_case if len(others) <= FEW else by_contender
    return lines(subject, result, others)


def by_case(subject: str, result: dict[str, Any], others: list[str]) -> str:
    rows = []
    for case, times in result["cases"].items():
        ours = times["ours"]
        ratios = [str(ratio(ours, times[name])) if name in times else "-" for name in others]
        rows.append([case, amount(ours, result["units"].get(case, "s")), *ratios])
    return table([subject, "ours", *(f"of {name}" for name in others)], rows)


def by_contender(subject: str, result: dict[str, Any], others: list[str]) -> str:
    def cell(case: str, name: str) -> str:
        times = result["cases"][case]
        if name not in times:
            return "-"
        own = amount(times[name], result["units"].get(case, "s"))
        return own if name == "ours" else f"{own}, {ratio(times['ours'], times[name])}"

    cases = list(result["cases"])
    rows = [[name, *(cell(case, name) for case in cases)] for name in ["ours", *others]]
    return table([f"{subject}; ours over theirs", *cases], rows)


def versions_table(results: Results) -> str:
    """Each contender with what it consists of; that of the last subject where they differ."""
    versions: dict[str, dict[str, str]] = {}
    for result in results.values():
        versions.update(result["versions"])
    rows = [
        [name, ", ".join(f"{part} {version}" for part, version in versions[name].items())]
        for name in CONTENDERS
        if name in versions
    ]
    return table(["contender", "versions"], rows)


def runs_table(results: Results) -> str:
    """When, where and how long each subject was measured, one line where that is the same."""
    runs: dict[tuple[str, ...], list[str]] = {}
    for subject, result in results.items():
        run = (result["date"], result["machine"], result["python"])
        size = f"{result['rounds']} rounds of {result['batch']:g} s"
        runs.setdefault((*run, size), []).append(subject)
    rows = [[", ".join(subjects), *run] for run, subjects in runs.items()]
    return table(["subjects", "date", "machine", "Python", "size"], rows)


def text(results: Results) -> str:
    """All of the last results, as it is printed and stands in the documentation."""
    subjects = [
        f"### {subject}\n\n{subject_table(subject, result)}" for subject, result in results.items()
    ]
    return "\n\n".join(
        [
            "## The board",
            board_table(results),
            "## By subject",
            *subjects,
            "## What was measured with what",
            versions_table(results),
            runs_table(results),
        ]
    )


def with_tables(page: str, tables: str) -> str:
    """The page with what is between its two marks replaced."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no {BEGIN!r} with {END!r} behind it; write them into it")
    return f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}"


def write_page(results: Results) -> None:
    PAGE.write_text(with_tables(PAGE.read_text(), text(results)))
