# `make grade` and `make test` are each enough by themselves on a machine with Python 3.11+, make and git.
PYTHON  ?= python3
SANDBOX ?= auto
BIN     := .venv/bin
# nbgrader starts `alembic` by name, and JupyterLab starts kernels by name: both live beside this Python.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help grade test setup lab build lint replay bench evidence lock bubblewrap clean

help:
	@echo "make grade   grade the sample class: table, gradebook and feedback pages, in demo/"
	@echo "make test    run every test"
	@echo "make setup   create .venv from requirements.lock (the others do this by themselves)"
	@echo "make lab     open notebooks/ in JupyterLab"
	@echo "make build   regenerate notebooks, answer keys and executed solutions from their sources"
	@echo "make lint    ruff, mypy, and whether anything generated is stale"
	@echo "make replay  run every notebook again with nbval, and compare its outputs"
	@echo "make bench   measure; results in benchmarks/results/"
	@echo "make evidence  try every known mistake, pairs, mutants and students' answers; figures in docs/evidence.md"
	@echo "make lock    re-pin requirements.lock from the ranges in pyproject.toml"

grade: setup bubblewrap
	$(BIN)/autograder demo demo --sandbox $(SANDBOX)

test: setup bubblewrap
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

setup: $(BIN)/.installed

$(BIN)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed, and $$($(PYTHON) --version) is what '$(PYTHON)' starts. Say 'make PYTHON=python3.12 ...'."; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

# The sandbox that students' code is graded in. Installed where apt and the right to use it are there.
bubblewrap:
	@command -v bwrap >/dev/null 2>&1 || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	    echo "Installing bubblewrap, the sandbox that students' code is graded in ..."; \
	    { apt-get install -y -qq bubblewrap || { apt-get update -qq && apt-get install -y -qq bubblewrap; }; } >/dev/null 2>&1 || true; \
	  fi; }
	@command -v bwrap >/dev/null 2>&1 || { \
	  echo "bubblewrap is missing: without it students' code cannot be shut in, and grading refuses to run it."; \
	  echo "Install it (Debian, Ubuntu: sudo apt install bubblewrap; Fedora: sudo dnf install bubblewrap),"; \
	  echo "or, for code that you trust as your own, say: make grade SANDBOX=none"; }

lab: setup
	$(BIN)/jupyter lab notebooks

build: setup
	$(BIN)/autograder build

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/autograder build --check
	$(BIN)/python tests/data/sample_class/make.py --check

# nbval runs the solved notebooks and compares every output but the experiments'; the release must run through as it is.
NBVAL := TQDM_DISABLE=1 $(BIN)/python -m pytest -q -n auto --dist loadscope -W default --nbval-cell-timeout 300
replay: setup
	$(NBVAL) --nbval --nbval-sanitize-with tests/nbval_sanitize.cfg solutions/executed
	$(NBVAL) --nbval-lax notebooks

bench: setup bubblewrap
	$(BIN)/python -m benchmarks

# Ten minutes of two cores. `make test` tries a sample of it.
evidence: setup
	$(BIN)/python -m tests.evidence

# One lock for every supported Python and platform; versions only, no hosts.
lock: setup
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --no-emit-index-url --no-annotate \
	  --custom-compile-command "make lock" --output-file requirements.lock pyproject.toml

clean:
	rm -rf .venv demo benchmarks/results
