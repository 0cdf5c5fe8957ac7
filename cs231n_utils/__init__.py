"""Everything that a student's notebook imports.

`check` judges an exercise. The other modules are the workshop around it: `gradient_check`, the given `layers`, `nets`,
`solver` and `optim` to train with, `data` to train on, `plotting` to look at it.
"""

from cs231n_utils.checking import CheckFailed, check, unfinished

__all__ = ["CheckFailed", "check"]

unfinished.install()
