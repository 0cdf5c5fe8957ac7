"""What the tests of the evidence share."""

import pytest


@pytest.fixture(scope="session")
def say(request):
    """Print a line although the tests' output is captured: rates are there to be read."""
    manager = request.config.pluginmanager.getplugin("capturemanager")

    def line(text):
        with manager.global_and_fixture_disabled():
            print(f"\n{text}")

    return line
