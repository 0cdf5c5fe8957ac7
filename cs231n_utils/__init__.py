"""Everything that a student's notebook imports.

`check` judges an exercise, `progress` shows what is done, `show` an exercise's specification. The other modules are the
workshop around them: `gradient_check`, the given `layers`, `nets`, `solver` and `optim` to train with, `data` to train
on, `plotting` to look at it.
"""

# Loaded before the function of the same name is there: later, the module of the progress bar would take its place.
import cs231n_utils.progress  # noqa: F401
from cs231n_utils.checking import CheckFailed, check, progress, show, unfinished

__all__ = ["CheckFailed", "check", "progress", "show"]

unfinished.install()
