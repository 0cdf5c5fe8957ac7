"""The settings of a course directory, as `autograder init` writes them, and whether they still set the same steps."""

from traitlets.config import Config

__all__ = ["CONFIG", "has_usual_steps"]

CONFIG = '''"""The settings of this nbgrader course. Made by `autograder init`; yours to change from here on."""

from autograder.pages import TEMPLATES

c = get_config()  # noqa: F821  (nbgrader defines it)

# Students' code runs in a sandbox, and points come from what it answered, never from a cell's output.
c.Autograde.exporter_class = "autograder.gradebook.GradingExporter"
c.Autograde.sanitize_preprocessors = ["nbgrader.preprocessors.CheckCellMetadata"]
c.Autograde.autograde_preprocessors = [
    "nbgrader.preprocessors.LimitOutput",
    "autograder.gradebook.SaveScores",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
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
"""What CONFIG sets nbgrader's autograde to."""

CHANGING = ("BaseConverter", "FilesWriter", "LimitOutput", "NotebookExporter", "SaveAutoGrades", "SaveScores")
"""Sections of nbgrader's settings that change what autograde leaves behind."""


def has_usual_steps(config: Config) -> bool:
    """Does nbgrader autograde in the steps that CONFIG sets, whatever else an instructor has changed?"""
    own, exporter = config.Autograde, config.GradingExporter
    return (
        all(own.get(name) == value for name, value in STEPS.items())
        and not set(own) - {*STEPS, "permissions", "exclude_overwriting"}
        and not set(exporter) - {"sandbox", "limits"}
        and not any(config.get(section) for section in CHANGING)
        and not set(config.CourseDirectory) & {"directory_structure", "notebook_id", "student_id_exclude"}
    )
