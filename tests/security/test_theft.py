"""Submissions that look for what they must not have: references, expected outputs, the grader, other students."""

# ruff: noqa: E501  (tables of attempts: one line each reads best)

import re

import pytest

import solutions.pooling
from cs231n_utils.checking.verdict import Status
from tests.security.conftest import Attempt, messages
from tests.security.submissions import GLOBAL, SIZE, answered

pytestmark = pytest.mark.sandbox

SECRETS = ["BEGIN SOLUTION", "(H - F) // S + 1", "def _size_cases"]

SEARCHES = {
    "import solutions": "import solutions.pooling as found",
    "import autograder": "import autograder.exercises as found",
    "import after changing sys.path": """
        import os, sys
        for top, folders, files in os.walk("/"):
            if "pooling.py" in files or "solutions" in folders:
                sys.path.insert(0, top)
        import solutions.pooling as found
        """,
    "imported already": "import sys\nfound = [m for m in sys.modules if m.split('.')[0] in ('solutions', 'autograder')][0]",
    "files": """
        import os
        hits = []
        for top, folders, files in os.walk("/"):
            if "site-packages" in top or "/packages" in top or "/usr" in top or "/lib" in top:
                continue
            for name in files:
                try:
                    with open(os.path.join(top, name), errors="replace") as file:
                        text = file.read(10**6)
                except OSError:
                    continue
                hits += [(top, name)] if "BEGIN " + "SOLUTION" in text or "(H - F) // " + "S + 1" in text else []
        found = hits[0]
        """,
    "names of files": """
        import os
        names = ("gradebook.db", "nbgrader_config.py", "submitted", "solutions", "02_pooling.npz", "seed", "mistakes")
        found = [(top, n) for top, folders, files in os.walk("/") for n in folders + files
                 if n in names and "packages" not in top and "/usr" not in top and "/lib" not in top][0]
        """,
    "the environment": "import os\nfound = [k for k in os.environ if k.endswith('_SEED') or 'TOKEN' in k or 'KEY' in k][0]",
    "frames": """
        import sys
        hits, frame = [], sys._getframe()
        while frame:
            for name, value in [*frame.f_locals.items(), *frame.f_globals.items()]:
                hits += [name] if name in ("expected", "seed", "key", "references", "cases") else []
            frame = frame.f_back
        found = hits[0]
        """,
    "gc": """
        import gc
        found = [o for o in gc.get_objects() if type(o) is dict and {"inputs", "expected"} <= set(map(str, o))][0]
        """,
    "objects of the grader's classes": """
        import gc
        names = ("ExerciseKey", "Case", "Mistake", "Exercise", "Assignment", "Report", "Submission", "Job")
        found = [type(o).__name__ for o in gc.get_objects() if type(o).__name__ in names and "autograder" in
                 type(o).__module__][0]
        """,
    "IPython's history": "found = [get_ipython().history_manager.get_tail(9)][0][0]",
    "what IPython keeps": "found = In[0] + _i + str(_)",
    "IPython's hooks": """
        shell, kept = get_ipython(), []
        for event in ("pre_execute", "pre_run_cell", "post_execute", "post_run_cell"):
            shell.events.register(event, lambda *a: kept.append(a))
        shell.set_custom_exc((Exception,), lambda *a: kept.append(a))
        shell.input_transformers_cleanup.append(lambda lines: kept.append(lines) or lines)
        shell.run_cell("1 + 1")
        found = kept[0] or shell.user_ns["_ih"][0]
        """,
    "the module before this one": "import sys\nfound = sys.modules['__main__'].course_seed",
    "the next requests": """
        import os
        hits = []
        for descriptor in range(3, 64):
            try:
                os.set_blocking(descriptor, False)
                hits += [os.read(descriptor, 10**6)[:80]]
            except OSError:
                pass
        found = [f for f in hits if f][0]
        """,
    "the memory of the parent": "found = open(f'/proc/{__import__(\"os\").getppid()}/mem', 'rb').read(1)",
    "the command line of others": "import glob\nfound = glob.glob('/proc/[0-9]*')[0]",
    "the terminal": "found = open('/dev/tty').name",
    "the network": "import socket\nfound = socket.create_connection(('1.1.1.1', 53), 1)",
    "a shell": "import subprocess\nfound = subprocess.run(['/bin/sh', '-c', 'ls /'], capture_output=True).stdout",
    "the previous student's files": "import os\nfound = [n for p in ('/tmp', '/dev/shm') for n in os.listdir(p)][0]",
}


@pytest.mark.parametrize("search", SEARCHES.values(), ids=SEARCHES)
def test_nothing_is_found(attempt: Attempt, search: str) -> None:
    """What is found would be told in an error's message."""
    told = "def tell():\n    raise LookupError('FOU' + 'ND ' + str(found)[:200])"
    functions = {
        SIZE: "def pool_output_size(H, F, S):\n    return tell()",
        GLOBAL: "def global_avg_pool_forward(x):\n    return tell(), None",
    }
    report = attempt(answered(functions, search, told), request_seconds=20.0)  # a search may take long
    assert report.exercises[1].status is Status.CRASHED
    assert "FOUND" not in messages(report), messages(report)
    if "ended itself" not in messages(report):  # who reads what the runner should have read
        assert "name 'found' is not defined" in messages(report), messages(report)


def test_the_expected_outputs_are_not_told(attempt: Attempt) -> None:
    """A message shows one entry of one wrong answer, never the array: too little to answer other cases with."""
    functions = {GLOBAL: "def global_avg_pool_forward(x):\n    return np.zeros(x.shape[:2]), None"}
    said = messages(attempt(answered(functions)))
    assert "expected" in said
    assert not re.search(r"expected \[", said)
    assert all(secret not in said for secret in SECRETS)
    assert (solutions.pooling.__doc__ or "no docstring") not in said


@pytest.mark.parametrize(
    "shell", ["!touch /tmp/left_behind", "%%bash\ntouch /tmp/left_behind", "%sx touch /tmp/left_behind"]
)
def test_shell_commands_do_nothing(attempt: Attempt, shell: str) -> None:
    functions = {SIZE: "def pool_output_size(H, F, S):\n    return (H - F) // S + 1 if F <= H else H.fail"}
    report = attempt(answered(functions, shell), most=2)
    assert report.exercises[0].status in (Status.PASSED, Status.FAILED)
