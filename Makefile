# A fresh machine needs Python 3.11 or later, make and a package index. Nothing else.
PYTHON ?= python3
SHELL := /bin/bash
BIN := .venv/bin

.PHONY: setup demo serve test lint clean

setup: .venv/.installed

.venv/.installed: requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	touch $@

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run

test: lint
	$(BIN)/python -m pytest -n 2

clean: 
	if [ -x $(BIN)/python ]; then $(BIN)/python -m kefu.embedded stop; fi
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
