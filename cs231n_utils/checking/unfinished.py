"""One calm line where a cell meets a function that is not written yet, in place of a page of traceback."""

import sys
from types import TracebackType
from typing import Any

__all__ = ["install"]


def install() -> None:
    """In a notebook, show NotImplementedError as one line. Elsewhere, do nothing."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is not None:
        shell.set_custom_exc((NotImplementedError,), _show)


def _show(
    shell: Any,
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
    tb_offset: int | None = None,
) -> None:
    name = "a function"
    while trace is not None:
        name = trace.tb_frame.f_code.co_qualname.rpartition("<locals>.")[2]  # a method with its class
        trace = trace.tb_next
    if name == "<module>":
        line = "This cell is not written yet: it still raises NotImplementedError."
    else:
        line = f"This cell needs {name}, which is not implemented yet. Write it first, then come back."
    shell._showtraceback(kind, error, [line])
