"""Measure everything, and write docs/evidence.md: `make evidence`. It takes ten minutes of two cores."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import re
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.evidence.measure import WRITTEN, Equivalent, Rate, Tried, known, mutated, paired, rate, written
from tests.evidence.samples import FREE
from tests.evidence.trial import BENCHES, bench_of
from tests.evidence.variants import right_variants

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "evidence.md"
START, END = "<!-- figures: written by `make evidence` -->\n", "<!-- end of figures -->\n"
PAIRS_EACH = 40


def known_of(name: str) -> list[Tried]:
    """For a process pool: functions of one exercise's name."""
    return known(bench_of(name))


def pairs_of(name: str) -> list[Tried]:
    """The pairs of one exercise."""
    return paired(bench_of(name), PAIRS_EACH)


def mutants_of(name: str) -> tuple[int, list[Tried]]:
    """How many of an exercise's mutants are as right as the reference, and what came of the others; survivors named."""
    equivalent = Equivalent()
    tried = mutated(bench_of(name))
    wrong = [t for mutant, t in tried if t.trial.caught or mutant not in equivalent]
    for t in wrong:
        if not t.trial.caught:
            print(f"survives: {name}: {t.what}", file=sys.stderr)
    return len(tried) - len(wrong), wrong


def loses_marks(tried: Tried) -> bool:
    """Does an answer get less than all points, by `check` or by the grader?"""
    return any(verdict.points < verdict.max_points for verdict in (tried.trial.check, tried.trial.graded))


def main() -> int:
    """Measure, print, and write. 1 where a mutant survives or a right answer is called wrong."""
    programmed = [bench.name for bench in BENCHES if not bench.exercise.sealed]
    quick = [name for name in programmed if not bench_of(name).trains]
    with ProcessPoolExecutor() as pool:  # all is handed out at once, what takes longest first
        backwards = programmed[::-1]
        mutants_tried = pool.map(mutants_of, backwards)
        known_tried = pool.map(known_of, [bench.name for bench in reversed(BENCHES)])
        pairs_tried = pool.map(pairs_of, quick)
        mutants = dict(zip(backwards, mutants_tried, strict=True))
        mistakes = [t for tried in known_tried for t in tried]
        pairs = [t for tried in pairs_tried for t in tried]
    students = list(zip(WRITTEN, written(), strict=True))
    wrong = [t for answer, t in students if not answer.is_right]
    right = [t for answer, t in students if answer.is_right] + right_variants()
    everything = [t for _, tried in mutants.values() for t in tried]
    figures = "\n".join(
        (
            *_table(
                {
                    "known mistakes": rate(mistakes),
                    "pairs of known mistakes": rate(pairs),
                    "wrong answers as students write them": rate(wrong),
                    "mutants of the references": rate(everything),
                }
            ),
            "",
            f"Of {len(right)} right answers {sum(map(loses_marks, right))} are called wrong, and "
            f"{rate(right).diagnosed} are diagnosed; {rate(right).check} get a remark that costs nothing.",
            f"Both mistakes of a pair are named in {_percent(sum(t.mistakes <= t.named for t in pairs), len(pairs))}.",
            "",
            "| exercise | mutants | as right as the reference | caught by `check` | when graded | diagnosed |",
            "|---|--:|--:|--:|--:|--:|",
            *(_row(name, *mutants[name]) for name in programmed if name not in FREE),
            "",
        )
    )
    print(figures)
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(
        re.sub(f"{START}.*{END}", lambda _: f"{START}{figures}{END}", text, flags=re.DOTALL), encoding="utf-8"
    )
    return int(any(not t.trial.caught for t in everything) or any(map(loses_marks, right)))


def _table(rates: dict[str, Rate]) -> list[str]:
    return [
        "| | tried | caught by `check` | when graded | named | named rightly | diagnosed |",
        "|---|--:|--:|--:|--:|--:|--:|",
        *(
            f"| {what} | {r.tried} | {_percent(r.check, r.tried)} | {_percent(r.graded, r.tried)} | "
            f"{_percent(r.named, r.tried)} | {_percent(r.rightly, r.tried) if r.rightly else '–'} | "
            f"{_percent(r.diagnosed, r.tried)} |"
            for what, r in rates.items()
        ),
    ]


def _row(name: str, equivalent: int, tried: list[Tried]) -> str:
    r = rate(tried)
    shares = (_percent(count, r.tried) for count in (r.check, r.graded, r.diagnosed))
    return f"| `{name}` | {r.tried + equivalent} | {equivalent} | {' | '.join(shares)} |"


def _percent(count: int, of: int) -> str:
    """Never rounded up to 100 %."""
    if count == of:
        return "100 %"
    return f"{min(99.9, 100 * count / of):.1f} %"


if __name__ == "__main__":
    sys.exit(main())
