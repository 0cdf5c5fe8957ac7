"""The benchmarks' figures as a plot and as docs/benchmarks.md."""

from pathlib import Path
from typing import Any

from benchmarks.stages import PURPOSE

DOCS = Path(__file__).parent.parent / "docs"

Figures = dict[str, Any]

# Blue and orange are told apart by everybody who sees colours at all.
HERE, STOCK, REST = "#0072b2", "#d55e00", "#b0b0b0"

TITLES = {
    "grading": "A class, here and in stock nbgrader",
    "stages": "Where the time of one submission goes",
    "latency": "What a student waits for",
    "classes": "A large class",
    "cluster": "On a Dask cluster",
}


def plot(figures: Figures, path: Path) -> None:
    """Seconds a submission, here and in stock nbgrader; and below, the stages of one submission."""
    if not {"grading", "stages"} <= figures.keys():
        return
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, (top, bottom) = plt.subplots(2, 1, figsize=(8, 6.4), height_ratios=(3, 4), layout="constrained")
    bars = [(name, value) for name, value in figures["grading"].items() if name.endswith("[s]")][::-1]
    for row, (name, value) in enumerate(bars):
        colour, marker = (HERE, "o") if "here" in name else (STOCK, "s")
        top.plot(value, row, marker, color=colour, markersize=11)
        top.annotate(f"{value:.3g} s", (value, row), (10, 0), textcoords="offset points", va="center")
    top.set(xscale="log", xlabel="seconds a submission (logarithmic)", title=TITLES["grading"])
    top.set_yticks(range(len(bars)), [name.removesuffix(" [s]") for name, _ in bars])
    top.set_ylim(-0.7, len(bars) - 0.3)
    top.set_xlim(right=3 * max(value for _, value in bars))
    top.grid(axis="x", alpha=0.4)
    stages = [(name.removesuffix(" [ms]"), value) for name, value in figures["stages"].items() if "[ms]" in name][::-1]
    stages = [(name, value) for name, value in stages if name != "a submission"]
    colours = [HERE if name in PURPOSE else REST for name, _ in stages]
    drawn = bottom.barh([name for name, _ in stages], [value for _, value in stages], color=colours)
    bottom.bar_label(drawn, fmt=" %.0f ms")
    bottom.set(xlabel="milliseconds of a processor, a submission", title="Stages of one submission (blue: its purpose)")
    for axes in (top, bottom):
        axes.spines[["top", "right"]].set_visible(False)
        axes.margins(x=0.15)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def write(figures: Figures) -> None:
    """Write docs/benchmarks.md and its plot from the last figures."""
    plot(figures, DOCS / "benchmarks.png")
    parts = [HEAD]
    for name, title in TITLES.items():
        if name not in figures:
            continue
        values = figures[name]
        measured = values["measured"]
        where = f"{measured['processor']}, {measured['cores']} cores, {measured['system']}, Python {measured['python']}"
        rows = [f"| {key} | {_shown(value)} |" for key, value in values.items() if key != "measured"]
        parts.append(
            f"## {title}\n\n`python -m benchmarks {name}`, measured on {measured['on']}: {where}.\n\n"
            "| | |\n|---|---|\n" + "\n".join(rows) + "\n"
        )
    (DOCS / "benchmarks.md").write_text("\n".join(parts), encoding="utf-8")


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    return f"{value:.3g}" if isinstance(value, float) else str(value)


HEAD = """<!-- Written by `python -m benchmarks --docs` from benchmarks/results/latest.json and benchmarks/pages.py -->
# Benchmarks

Repeat them with `make bench`, or one of them with `python -m benchmarks NAME`; nothing else should be running.
Speeds are ratios of what was measured in the same round on the same machine; figures are medians over rounds, and each
round's own figure is given as well, to show the spread. Here every submission runs in the bubblewrap sandbox, on two
cores, from typing the command to its end, with everything recorded in the gradebook. Stock `nbgrader autograde` runs
as it comes, without protection.

- **(a) as handed in**: the notebooks with their experiments. Stock nbgrader executes them; this grader need not.
- **(b) exercises only**: the same notebooks without experiments, so that both do the same work. Stock nbgrader still
  runs only the public cases, in a kernel for each notebook; this grader runs fresh hidden cases, each exercise in a
  process of its own.

![Seconds a submission, and where they go](benchmarks.png)
"""
