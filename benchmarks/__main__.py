"""Run the benchmarks, print their figures, and write them down.

    python -m benchmarks                    all of them: more than half an hour
    python -m benchmarks grading latency    some of them

Figures go to benchmarks/results/latest.json, together with those of earlier runs of the others, and plots beside it.
With --docs, docs/benchmarks.md, its plot, and the figures in docs/scaling.md are written from them as well.
"""

import argparse
import importlib
import json
import os
import platform
from datetime import date
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from benchmarks import pages, scaling

RESULTS = Path(__file__).parent / "results"
BENCHMARKS = ("grading", "stages", "latency", "classes", "cluster")


def main() -> None:
    """Run those that are asked for, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure.")
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], help="by default all")
    parser.add_argument("--docs", action="store_true", help="write docs/benchmarks.md from the figures")
    asked = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / "latest.json"
    figures: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name in asked.names or BENCHMARKS:
        figures[name] = {"measured": _machine(), **importlib.import_module(f"benchmarks.{name}").measure()}
        _print(name, figures[name])
        path.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    pages.plot(figures, RESULTS / "grading.png")
    if asked.docs:
        pages.write(figures)
        if "cluster" in figures:
            scaling.write(figures["cluster"])
    print(f"\nWritten to {RESULTS}")


def _machine() -> dict[str, Any]:
    """What it was measured on, in words that say nothing of whose machine it is."""
    return {
        "on": date.today().isoformat(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _print(name: str, values: dict[str, Any]) -> None:
    print(f"\n{name}", flush=True)
    for key, value in values.items():
        print(f"  {key:<58} {value:.4g}" if isinstance(value, float) else f"  {key:<58} {value}")


if __name__ == "__main__":
    main()
