"""The arithmetic of the benchmarks: ratios, merging, verdicts, and the tables that tell them."""

import dataclasses
import json
from typing import Any

import pytest

from benchmarks import __main__ as command, count, record, report
from benchmarks.board import BOARD, Row, judged

HERE = record.LATEST.parent.parent


def result(cases: dict[str, dict[str, list[float]]], **more: Any) -> dict[str, Any]:
    about = {
        "date": "2026-01-31",
        "machine": "a machine, 2 cores",
        "python": "3.13.0",
        "rounds": 3,
        "batch": 0.02,
        "versions": {"ours": {"starlette": "1.10.100"}, "upstream": {"starlette": "1.10.0"}},
        "units": {},
    }
    return about | more | {"cases": cases}


TEXT = {
    "raw": [1e-6, 1e-6, 1e-6],
    "ours": [2e-6, 3e-6, 4e-6],
    "upstream": [1e-5, 1e-5, 1e-5],
    "Falcon": [4e-6, 5e-6, 6e-6],
    "Quart": [9e-5, 9e-5, 9e-5],
}
ROW = Row("a text", "requests", "GET", 0.4)
MEASURED = {"requests": result({"GET": TEXT})}


def test_a_ratio_is_the_median_of_those_within_a_round() -> None:
    assert record.ratio([1.0, 10.0, 3.0], [2.0, 10.0, 4.0]).median == 0.75


def test_a_spread_goes_from_the_10th_to_the_90th_percentile() -> None:
    spread = record.spread([float(number) for number in range(11)])
    assert (spread.low, spread.median, spread.high) == (1.0, 5.0, 9.0)


def test_one_round_has_no_spread() -> None:
    assert str(record.spread([0.5])) == "0.50 (0.50-0.50)"


def test_a_small_ratio_has_three_digits() -> None:
    assert str(record.spread([0.0042])) == "0.004 (0.004-0.004)"


def test_rounds_without_a_partner_are_an_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        record.ratio([1.0, 2.0], [1.0])


def test_a_control_is_taken_off_round_by_round() -> None:
    assert record.minus([5.0, 7.0], [1.0, 2.0]) == [4.0, 5.0]


def test_figures_keep_four_digits() -> None:
    assert record.rounded([1.23456e-6, 123456.0]) == [1.235e-06, 123500.0]


def test_merging_replaces_one_subject_and_leaves_the_others() -> None:
    before = {"b": {"date": "old"}, "a": {"date": "old"}}
    assert record.merged(before, "a", {"date": "new"}) == {
        "a": {"date": "new"},
        "b": {"date": "old"},
    }


def test_results_are_written_with_a_line_for_each_case() -> None:
    written = record.written({"requests": result({"GET": TEXT, "POST": TEXT})})
    assert json.loads(written) == {"requests": result({"GET": TEXT, "POST": TEXT})}
    assert [line.strip().split(":")[0] for line in written.splitlines()[2:4]] == ['"GET"', '"POST"']


def test_a_row_is_met_up_to_its_target() -> None:
    verdict = judged(ROW, MEASURED)
    assert verdict
    assert verdict.ratio.median == pytest.approx(0.3)
    assert verdict.met


def test_a_row_above_its_target_is_missed() -> None:
    verdict = judged(dataclasses.replace(ROW, target=0.29), MEASURED)
    assert verdict
    assert not verdict.met


def test_the_control_is_taken_off_both_sides() -> None:
    verdict = judged(dataclasses.replace(ROW, control="raw"), MEASURED)
    assert verdict
    assert verdict.ratio.median == pytest.approx(2 / 9)


def test_a_row_may_stand_against_another_case_of_our_own() -> None:
    measured = {"requests": result({"GET": TEXT, "ten": {"ours": [1e-6, 1e-6, 1e-6]}})}
    verdict = judged(dataclasses.replace(ROW, reference="ours", against="ten"), measured)
    assert verdict
    assert verdict.ratio.median == pytest.approx(3)


def test_the_best_peer_is_the_cheapest_framework() -> None:
    verdict = judged(ROW, MEASURED)
    assert verdict
    assert verdict.peer == ("Falcon", [4e-6, 5e-6, 6e-6])


@pytest.mark.parametrize(
    "measured",
    [{}, {"requests": result({})}, {"requests": result({"GET": {"ours": [1e-6]}})}],
    ids=["subject", "case", "reference"],
)
def test_what_was_not_measured_has_no_verdict(measured: record.Results) -> None:
    assert judged(ROW, measured) is None
    assert report.board_line(ROW, None)[5] == "not measured"


def test_a_line_of_the_board_tells_ours_the_ratio_the_target_and_the_best_peer() -> None:
    assert report.board_line(ROW, judged(ROW, MEASURED)) == [
        "a text",
        "3.0 us",
        "upstream",
        "0.30 (0.22-0.38)",
        "0.4",
        "met",
        "Falcon: 5.0 us (0.50)",
    ]


def test_a_subject_has_a_line_for_each_case() -> None:
    few = {name: TEXT[name] for name in ("ours", "upstream")}
    assert report.subject_table("requests", result({"GET": few, "POST": {"ours": [1e-6]}})) == (
        "| requests | ours | of upstream |\n"
        "| --- | --- | --- |\n"
        "| GET | 3.0 us | 0.30 (0.22-0.38) |\n"
        "| POST | 1.0 us | - |"
    )


def test_a_subject_with_many_contenders_has_a_line_for_each_of_them() -> None:
    many = {"raw": [1e-6], "ours": [2e-6], "upstream": [4e-6], "Falcon": [5e-6], "Quart": [8e-6]}
    cases = {"GET": many | {"Sanic": [1e-5]}, "POST": {"ours": [3e-6]}}
    assert report.subject_table("requests", result(cases)).splitlines()[0:5] == [
        "| requests; ours over theirs | GET | POST |",
        "| --- | --- | --- |",
        "| ours | 2.0 us | 3.0 us |",
        "| raw | 1.0 us, 2.00 (2.00-2.00) | - |",
        "| upstream | 4.0 us, 0.50 (0.50-0.50) | - |",
    ]


def test_memory_is_told_in_bytes() -> None:
    assert report.amount([1234.0, 1235.0], "B") == "1,234 B"


def test_a_page_keeps_what_is_around_its_tables() -> None:
    page = f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n"
    assert report.with_tables(page, "new") == (
        f"before\n{report.BEGIN}\n\nnew\n\n{report.END}\nafter\n"
    )


def test_a_page_without_its_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="write them into it"):
        report.with_tables("nothing", "new")


def test_every_row_of_the_board_is_of_a_subject_that_exists() -> None:
    assert {row.subject for row in BOARD} <= set(command.SUBJECTS)
    assert all((HERE / f"{subject}.py").exists() for subject in command.SUBJECTS)


def test_the_page_of_the_documentation_has_a_place_for_the_tables() -> None:
    assert "## The board" in report.with_tables(report.PAGE.read_text(), report.text(MEASURED))


def test_a_count_is_told_with_its_ratios() -> None:
    line = count.line("GET", {"ours": 30_000.0, "upstream": 60_000.0})
    assert line == "GET: ours 30,000, upstream 60,000, ours/upstream 0.500"


def test_counting_without_valgrind_is_skipped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    count.count("application", "GET", [], 1)
    assert capsys.readouterr().out.startswith("skipped: valgrind is not installed")
