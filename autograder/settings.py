"""The settings of a course directory, as `autograder init` writes them, and whether they still set the same steps."""

import json

from traitlets.config import Config

__all__ = ["config_text", "has_usual_steps"]

_TEMPLATE = '''"""The settings of this nbgrader course. Made by `autograder init`; yours to change from here on."""

from autograder.pages import TEMPLATES

c = get_config()  # noqa: F821  (nbgrader defines it)

# Students' code runs in a sandbox, and points come from what it answered, never from a cell's output.
{steps}
c.GradingExporter.sandbox = "{sandbox}"
# What their processes may use, for every exercise and for single ones; docs/classes.md has the names.
# c.GradingExporter.limits = {{"request_seconds": 20, "exercises": {{"batchnorm_forward": {{"cpu_seconds": 90}}}}}}
{db}
# What students wrote must not run in the browser of whoever reads it, here or in formgrader.
c.HTMLExporter.sanitize_html = True
c.GenerateFeedback.exporter_class = "autograder.gradebook.FeedbackExporter"
c.FeedbackExporter.template_name = "course_feedback"
c.FeedbackExporter.extra_template_basedirs = TEMPLATES
c.FeedbackExporter.extra_template_paths = TEMPLATES

c.ExportApp.plugin_class = "autograder.export.CsvExporter"
'''


STEPS = {
    "exporter_class": "autograder.gradebook.GradingExporter",
    "sanitize_preprocessors": ["nbgrader.preprocessors.CheckCellMetadata"],
    "autograde_preprocessors": [
        "nbgrader.preprocessors.LimitOutput",
        "autograder.gradebook.SaveScores",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ],
}
"""What `init` sets nbgrader's autograde to."""

CHANGING = ("BaseConverter", "FilesWriter", "LimitOutput", "NotebookExporter", "SaveAutoGrades", "SaveScores")
"""Sections of nbgrader's settings that change what autograde leaves behind."""


def config_text(sandbox: str, db: str | None) -> str:
    """The settings of a new course: where students' code runs, and where the gradebook is, unless in its folder."""
    steps = "\n".join(f"c.Autograde.{name} = {json.dumps(value, indent=4)}" for name, value in STEPS.items())
    own_db = f"\n# Where the grades are kept.\nc.CourseDirectory.db_url = {db!r}\n" if db else ""
    return _TEMPLATE.format(steps=steps, sandbox=sandbox, db=own_db)


def has_usual_steps(config: Config) -> bool:
    """Does nbgrader autograde in the steps that `init` sets, whatever else an instructor has changed?"""
    own, exporter = config.Autograde, config.GradingExporter
    return (
        all(own.get(name) == value for name, value in STEPS.items())
        and not set(own) - {*STEPS, "permissions", "exclude_overwriting"}
        and not set(exporter) - {"sandbox", "limits"}
        and not any(config.get(section) for section in CHANGING)
        and not set(config.CourseDirectory) & {"directory_structure", "notebook_id", "student_id_exclude"}
    )
