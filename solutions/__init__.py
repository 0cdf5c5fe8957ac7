"""The reference solutions: one module per notebook, and the one place where an answer exists.

`autograder build` copies each function into the solved notebook, and its signature and
docstring, which are the student's specification, into the release notebook. The body stands
between `# BEGIN SOLUTION` and `# END SOLUTION`.
"""
