"""Fixtures that many tests share."""

import shutil

import numpy as np
import pytest

from autograder.sandbox import SandboxUnavailable, open_sandbox


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of this project's own."""
    parser.addoption("--repeat-fair", type=int, default=1, help="grade each right answer so many times in a row")


@pytest.fixture
def repeats(request: pytest.FixtureRequest) -> int:
    """How many times in a row a right answer is to be found right."""
    return int(request.config.getoption("--repeat-fair"))


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Every test starts from the same random state."""
    np.random.seed(0)  # noqa: NPY002  (code under test may use the old global generator)


@pytest.fixture(scope="session")
def bubblewrap() -> None:
    """Skip where students' code cannot be shut in."""
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed")
    try:
        open_sandbox("bubblewrap").close()
    except SandboxUnavailable as problem:
        pytest.skip(str(problem))
