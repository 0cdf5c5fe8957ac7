"""The sizes of clusters in docs/scaling.md follow from what was measured, and the page has room for both."""

from pathlib import Path

import pytest

from benchmarks import scaling

MEASURED = {
    "measured": {"processor": "a processor", "cores": 2, "python": "3.13.1", "on": "2026-01-31"},
    "workers": 2,
    "a job, there [kB]": 90.0,
    "a report, back [kB]": 10.0,
    "workers' and sandboxes' processor: a submission, Dask [s]": 0.36,
    "scheduler's processor: a submission [ms]": 1.0,
    "coordinator's processor: handing out a submission and keeping its report [ms]": 3.0,
    "coordinator's processor: recording a submission in SQLite [ms]": 6.0,
}


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the page, with these figures in it."""
    copy = tmp_path / "scaling.md"
    copy.write_text(scaling.PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(scaling, "PAGE", copy)
    scaling.write(MEASURED)
    return copy


def test_sizes_follow_from_the_figures(page: Path) -> None:
    rows = [line.strip("| ").split(" | ") for line in page.read_text(encoding="utf-8").splitlines()]
    sizes = {row[0]: row[1:] for row in rows if len(row) == 6}
    # 277.8 a second, times 0.36 s on workers that are busy 70 % of the time, times 1 ms, 9 ms and 100 kB.
    assert sizes["1,000,000"] == ["143", "0.28", "2.5", "28 MB/s", "the coordinator: 4 of them are needed"]
    assert sizes["10,000"][0] == "2"
    assert sizes["1,000"] == ["1", "0.00028", "0.0025", "0.028 MB/s", sizes["10,000"][-1]]
    assert "one machine has enough, without Dask" in sizes["1,000"][-1]


def test_figures_are_replaced_and_the_text_stays(page: Path) -> None:
    first = page.read_text(encoding="utf-8")
    scaling.write(MEASURED)
    assert page.read_text(encoding="utf-8") == first
    assert "Measured on a processor, 2 cores, Python 3.13.1, on 2026-01-31." in first
    assert "processor: a submission, Dask [s] | 0.36 |" in first
    assert "## Kubernetes" in first


def test_a_cluster_is_named_where_it_is_what_gives_way() -> None:
    small = MEASURED | {name: 0.1 for name in MEASURED if name.startswith("coordinator's")}
    said = scaling._size(small, 1_000_000)[-1]
    assert said == "the workers' processors; then, at 2.5 times as many, the scheduler"
