"""The commands of the suite: `hatch run bench:run [SUBJECT ...]`, `bench:show`, `bench:count`."""

import argparse
import datetime
import sys
from collections.abc import Callable

from benchmarks import report
from benchmarks.count import count
from benchmarks.harness import measure
from benchmarks.record import load, machine, merged, rounded, save

SUBJECTS = (
    "application",
    "peers",
    "server",
    "routing",
    "middleware",
    "middleware_suite",
    "http_data",
    "http_requests",
    "http_responses",
    "staticfiles",
    "websocket_frames",
    "testclient",
    "fastapi_application",
    "imports",
    "growth",
)


def run(subjects: list[str], rounds: int, batch: float) -> None:
    """Measure subjects one after the other, and put each into the last results when it is done."""
    for subject in subjects or SUBJECTS:
        measured = measure(subject, rounds, batch)
        result = {
            "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
            "machine": machine(),
            "python": measured.python,
            "rounds": rounds,
            "batch": batch,
            "versions": measured.versions,
            "units": measured.units,
            "cases": {
                case: {name: rounded(figures) for name, figures in times.items()}
                for case, times in measured.times.items()
            },
        }
        save(merged(load(), subject, result))
        print(report.subject_table(subject, result), end="\n\n", flush=True)


def show(page: bool) -> None:
    """Print the board and the tables of the last results, or write them into the documentation."""
    results = load()
    if not results:
        sys.exit("nothing has been measured yet; hatch run bench:run measures everything")
    if page:
        report.write_page(results)
    else:
        print(report.text(results))


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    commands = parser.add_subparsers(required=True)
    running = commands.add_parser("run", help="measure subjects, by default all of them")
    running.add_argument("subjects", nargs="*", metavar="SUBJECT", help=", ".join(SUBJECTS))
    running.add_argument("--rounds", type=int, default=61)
    running.add_argument("--batch", type=float, default=0.005, help="CPU seconds of one batch")
    showing = commands.add_parser("show", help="print the board and the tables of the last run")
    showing.add_argument("--page", action="store_true", help="write them into docs/performance.md")
    counting = commands.add_parser("count", help="instructions of a call, by callgrind")
    counting.add_argument("subject", metavar="SUBJECT")
    counting.add_argument("case", metavar="CASE", help="a part of the case's name")
    counting.add_argument("contenders", nargs="*", metavar="CONTENDER")
    counting.add_argument("-n", type=int, default=100, help="calls; 5 to 20 for expensive ones")
    running.set_defaults(command=run)
    showing.set_defaults(command=show)
    counting.set_defaults(command=count)
    arguments = vars(parser.parse_args())
    command: Callable[..., None] = arguments.pop("command")
    command(**arguments)


if __name__ == "__main__":
    main()
