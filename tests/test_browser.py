"""As a student: open the notebook in JupyterLab, type a wrong answer, run the check, read the hint."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

ROOT = Path(__file__).parent.parent
CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]

WRONG = """def max_pool_forward_naive(x, pool_param):
    N, C, H, W = x.shape
    HH, WW, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    out = np.zeros((N, C, (H - HH) // S + 1, (W - WW) // S + 1))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            for p in range(HH):
                for q in range(WW):
                    out[:, :, i, j] = np.maximum(out[:, :, i, j], x[:, :, i * S + p, j * S + q])
    return out, (x, pool_param)"""


ASKED = ("check(max_pool_forward_naive, hint=3)", "from cs231n_utils import progress\nprogress()")
"""What a student types below the notebook."""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """JupyterLab on a copy of the notebook, on the loopback address; yields the notebook's address, and its folder."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium")
    folder = tmp_path_factory.mktemp("student")
    notebook = nbformat.read(ROOT / "notebooks" / "02_pooling.ipynb", as_version=4)
    tags = {"tags": ["raises-exception"]}  # so that Run All goes on behind it
    notebook.cells += [nbformat.v4.new_code_cell(source, metadata=tags) for source in ASKED]
    nbformat.write(notebook, folder / "02_pooling.ipynb")
    settings = folder / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    # All cells are in the page at once, so that the test finds them.
    (settings / "tracker.jupyterlab-settings").write_text(json.dumps({"windowingMode": "none"}))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
    }
    options = ["--no-browser", "--allow-root", f"--port={port}", "--ServerApp.token=", "--ServerApp.password="]
    command = [sys.executable, "-m", "jupyterlab", *options, "--LabApp.news_url=", str(folder)]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait_for(f"http://127.0.0.1:{port}/api")
        yield f"http://127.0.0.1:{port}/lab/tree/02_pooling.ipynb", folder
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for(address: str) -> None:
    for _ in range(120):
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.5)
    raise TimeoutError(f"JupyterLab did not answer at {address}")


def test_a_wrong_answer_gets_its_hint(lab: tuple[str, Path]) -> None:
    address, folder = lab
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.goto(address)
        answer = page.locator(".jp-CodeCell", has_text="def max_pool_forward_naive").first
        answer.locator(".cm-content").click(timeout=120_000)
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(WRONG)
        page.locator(".lm-MenuBar-item", has_text="Run").first.click()
        page.locator(".lm-Menu-item", has_text="Run All Cells").first.click()

        panel = page.locator(".check", has_text="max_pool_forward_naive").first
        panel.wait_for(timeout=120_000)
        said = panel.inner_text()
        assert "cases are wrong" in said
        assert "The maximum starts from 0." in said
        assert "= 0, expected -" in said
        assert "For a hint: check(max_pool_forward_naive, hint=2)" in said
        assert "What is the maximum of -3 and -2?" not in said
        assert panel.locator(".check-map").count() == 3
        assert panel.locator(".check-sign").first.get_attribute("aria-label") == "wrong"

        # What is not written yet is said calmly, in the checks and in the experiments, and Run All went on to the end.
        calm = page.locator(".check", has_text="depth_after_pooling is not implemented yet").first
        calm.wait_for(timeout=120_000)
        page.locator("text=This cell needs avg_pool_forward_naive, which is not implemented yet").first.wait_for()
        assert page.locator(".jp-OutputArea-output", has_text="Traceback").count() == 0

        # More help when it is asked for, and where the student stands.
        helped = page.locator(".check", has_text="A small case to try by hand").first
        helped.wait_for(timeout=120_000)
        assert "What is the maximum of -3 and -2?" in helped.inner_text()
        assert "out, cache = max_pool_forward_naive(x, pool_param)" in helped.locator("pre").inner_text()
        overview = page.locator(".check", has_text="points so far").first
        overview.wait_for(timeout=120_000)
        assert "02_pooling: 0 of 16 right" in overview.inner_text()
        assert (folder / ".progress.json").is_file()
        browser.close()
