"""Run every benchmark, print its figures, and write them to benchmarks/results/."""

import json
import os
import platform
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from benchmarks import grading, latency

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Run them, one after the other."""
    figures = {
        "machine": {"cores": os.cpu_count(), "processor": platform.machine(), "python": platform.python_version()},
        "latency": latency.measure(),
        "grading": grading.measure(),
    }
    for name, values in figures.items():
        print(f"\n{name}")
        for key, value in values.items():
            print(f"  {key:<58} {value:.4g}" if isinstance(value, float) else f"  {key:<58} {value}")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "latest.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(f"\nWritten to {RESULTS / 'latest.json'}")


if __name__ == "__main__":
    main()
