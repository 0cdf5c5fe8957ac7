"""The instructor's side: exercises, the build of the notebooks, the sandbox, grading, and nbgrader's gradebook.

Nothing of it ships to students; `cs231n_utils` and `solutions` import nothing of it.
"""
