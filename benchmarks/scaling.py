"""The figures in docs/scaling.md: what was measured of a cluster, and what follows for its size."""

import math
import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent.parent / "docs" / "scaling.md"

RATES = (1_000, 10_000, 1_000_000)  # submissions an hour

BUSY = 0.7
"""How busy a part may be for most of the time: above it, queues grow."""

ONE_MACHINE = 16
"""Cores that one machine has without being anything special."""


def write(cluster: dict[str, Any]) -> None:
    """Put the figures of `python -m benchmarks cluster` into the page."""
    text = PAGE.read_text(encoding="utf-8")
    for name, part in (("figures", _figures(cluster)), ("sizes", _sizes(cluster))):
        begin = f"<!-- {name}: written by `python -m benchmarks cluster --docs` -->"
        end = f"<!-- end of {name} -->"
        between = f"{re.escape(begin)}.*?{re.escape(end)}"
        text, found = re.subn(between, f"{begin}\n\n{part}\n\n{end}", text, flags=re.DOTALL)
        assert found == 1, name
    PAGE.write_text(text, encoding="utf-8")


def _figures(cluster: dict[str, Any]) -> str:
    machine = cluster["measured"]
    rows = [
        f"| {name} | {value:.3g} |" if isinstance(value, float) else f"| {name} | {value} |"
        for name, value in cluster.items()
        if name != "measured"
    ]
    where = f"{machine['processor']}, {machine['cores']} cores, Python {machine['python']}, on {machine['on']}"
    return "\n".join([f"Measured on {where}.", "", "| | |", "|---|---|", *rows])


def _sizes(cluster: dict[str, Any]) -> str:
    columns = ("submissions an hour", "workers", "scheduler busy", "coordinator busy", "bytes", "gives way first")
    rows = [columns, ["---"] * len(columns), *(_size(cluster, rate) for rate in RATES)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _size(cluster: dict[str, Any], rate: int) -> list[str]:
    second = rate / 3600
    workers = math.ceil(second * cluster["workers' and sandboxes' processor: a submission, Dask [s]"] / BUSY)
    scheduler = second * cluster["scheduler's processor: a submission [ms]"] / 1000
    coordinator = second * sum(value for name, value in cluster.items() if name.startswith("coordinator's")) / 1000
    megabytes = second * (cluster["a job, there [kB]"] + cluster["a report, back [kB]"]) / 1000
    busy = [f"{scheduler:.2g}", f"{coordinator:.2g}", f"{megabytes:.2g} MB/s"]
    return [f"{rate:,}", f"{workers:,}", *busy, _first(workers, scheduler, coordinator)]


def _first(workers: int, scheduler: float, coordinator: float) -> str:
    """What is busy first when more is handed in."""
    name, most = max((("coordinator", coordinator), ("scheduler", scheduler)), key=lambda part: part[1])
    if most > BUSY:
        return f"the {name}: {math.ceil(most / BUSY)} of them are needed"
    if workers <= ONE_MACHINE:
        return "the workers' processors; one machine has enough, without Dask"
    return f"the workers' processors; then, at {BUSY / most:.2g} times as many, the {name}"
