# Each target does its own set-up: a virtual environment in .venv, with pinned versions. Needs only Python 3.11 or newer.
PYTHON ?= python3
BIN := .venv/bin
# Where real data is, if not said otherwise; without it the simulated California is used.
ARGS ?=

.PHONY: run test check bench clean

run: .venv/run.stamp
	$(BIN)/thalweg fit $(ARGS)

test: .venv/dev.stamp
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

check: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: .venv/run.stamp
	$(BIN)/python -m bench $(ARGS)

.venv/run.stamp: requirements/run.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements/run.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@

.venv/dev.stamp: .venv/run.stamp requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements/dev.txt
	touch $@

clean:
	rm -rf .venv .bench build dist .pytest_cache .mypy_cache .ruff_cache
