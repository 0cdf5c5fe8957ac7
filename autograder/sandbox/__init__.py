"""Runs untrusted code: requests go in, replies come out, and nothing else of a student's does.

>>> with open_sandbox() as sandbox:  # doctest: +SKIP
...     outcome = sandbox.run([b"a request"], Limits(request_seconds=5))
>>> outcome.ending  # doctest: +SKIP
<Ending.FINISHED: 'finished'>

The sandbox knows nothing of exercises: what a request means is up to ``inside/runner.py``, which runs in there.
"""

from .inside.server import ON_DEMAND
from .model import Ending, Limits, Outcome, Reply, Sandbox, SandboxFailure, SandboxUnavailable
from .opening import open_sandbox

__all__ = [
    "ON_DEMAND",
    "Ending",
    "Limits",
    "Outcome",
    "Reply",
    "Sandbox",
    "SandboxFailure",
    "SandboxUnavailable",
    "open_sandbox",
]
