"""Started as root, the sandbox is built in another way than by an ordinary user: both have to hold."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.sandbox.bubblewrap import Interpreter

pytestmark = pytest.mark.sandbox

HERE = Path(__file__).parent


# What differs for an ordinary user is how the sandbox is built. So all is tried again that reaches for processes, files
# or the network, or uses up what there is; of what is about values, texts and forms, a choice.
CHOSEN = {
    "theft": "",
    "escape": "",
    "resources": "not endless_cell",
    "forged_scores": "forged_replies or leaving or npy or later or loading or hard_coded or telling or reduce",
    "malformed": "odd_names or python_long or deep or zip or checks or mutation",
    "fair": "ways_to_be_right or magic or bash or timeit or cell",
}


def test_the_attempts_once_more_without_any_rights(bubblewrap: None) -> None:
    """Runs them again as a user who owns nothing, in a Python that this user can read."""
    if os.geteuid() != 0:
        pytest.skip("this is an ordinary user already")
    path = os.pathsep.join([str(HERE.parents[1]), *map(str, Interpreter().packages)])
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": path,
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": "/nonexistent",
    }
    options = {"cwd": "/", "user": 54321, "group": 54321, "extra_groups": [], "capture_output": True, "text": True}
    for python in (sys.executable, f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"):
        try:
            subprocess.run([python, "-c", "import numpy, pytest, autograder"], check=True, env=environment, **options)
        except (OSError, subprocess.CalledProcessError):
            continue
        break
    else:
        pytest.skip("an ordinary user can read neither this Python nor the system's, or not the project")
    tests = [str(HERE / f"test_{name}.py") for name in CHOSEN]
    chosen = " or ".join(f"(test_{name} and ({words}))" if words else f"test_{name}" for name, words in CHOSEN.items())
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, "-k", chosen]
    again = subprocess.run(command, env=environment, **options)
    assert again.returncode == 0, again.stdout + again.stderr
    passed = re.search(r"(\d+) passed", again.stdout)
    assert passed, again.stdout
    assert int(passed[1]) > 200, again.stdout
