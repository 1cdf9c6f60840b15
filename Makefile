# make chat   set up, index the documents and open the chat
# make test   set up and run the tests
PYTHON ?= python3
BIN := .venv/bin
# Two at once, a file's tests by the same one: they share what takes long to make. Slow tests measure time: one by one.
TWO := --numprocesses 2 --dist loadfile
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: chat index test test-slow test-all check clean

chat: index
	$(BIN)/natoqa chat --browser

index: .venv/installed
	$(BIN)/natoqa index

test: .venv/installed-dev
	$(BIN)/python -m pytest -m "not slow" $(TWO)

test-slow: .venv/installed-dev
	$(BIN)/python -m pytest -m slow

check: .venv/installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

test-all: test check test-slow

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "natoqa needs Python 3.11 or newer; choose one with: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/installed: pyproject.toml constraints.txt | .venv/bin/python
	@echo "installing natoqa into .venv (about 2 GB, once) …"
	$(PIP) install --constraint constraints.txt --editable .
	@touch $@

.venv/installed-dev: .venv/installed
	$(PIP) install --constraint constraints.txt --editable '.[dev]'
	@touch $@

clean:
	rm -rf .venv index/generations index/CURRENT
