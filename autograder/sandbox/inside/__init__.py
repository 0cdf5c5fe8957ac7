"""What is bound into the sandbox, read-only, and runs there. It imports nothing else of the autograder.

- ``server.py``: the warm interpreter that forks a process for each job;
- ``jail.py`` and ``seccomp.py``: how that process is locked in;
- ``wire.py``: how it speaks with the outside;
- ``runner.py``: what it does there.
"""
