"""Where the templates of feedback pages lie; apart from all else, since a course's settings are read at each start."""

from importlib.util import find_spec
from pathlib import Path

__all__ = ["TEMPLATES"]


def _templates() -> list[str]:
    """Found without importing nbgrader, which takes a second."""
    spec = find_spec("nbgrader")
    places = spec.submodule_search_locations if spec is not None else None
    formgrader = Path((places or ["nbgrader"])[0], "server_extensions", "formgrader")
    bootstrap = formgrader / "static" / "node_modules" / "bootstrap" / "dist" / "css"
    return [str(Path(__file__).parent / "templates"), str(formgrader / "templates"), str(bootstrap)]


TEMPLATES = _templates()
"""Where the feedback page's template lies, nbgrader's, which it builds upon, and that one's style sheet."""
