# A fresh machine needs Python 3.11 or later, make and a package index. Nothing else.
PYTHON ?= python3
SERVE ?= 1
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
TYPES := $(BIN)/python -m mypy . && $(BIN)/lint-imports && $(MANAGE) makemigrations --check --dry-run

.PHONY: setup demo serve test test-fast lint style types lock pictures clean

setup: .venv/.installed

.venv/.installed: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "需要 Python 3.11 或更高版本：make PYTHON=python3.11 setup" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@# Embedded servers may run as another user, who has to read the packages whatever our umask.
	umask 022 && $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@touch $@

demo: setup
	$(MANAGE) migrate --verbosity 0
	$(MANAGE) sync_groups
	$(MANAGE) load_rulebooks
	@$(BIN)/python -m celery -A kefu worker -n demo@%h --loglevel=INFO > var/demo-worker.log 2>&1 & \
	worker=$$!; \
	trap 'kill $$worker 2>/dev/null; wait $$worker 2>/dev/null || true' EXIT; \
	trap 'exit 130' INT; trap 'exit 143' TERM; \
	$(MANAGE) demo
	@test "$(SERVE)" = 0 || $(MAKE) serve

# Settings come from the environment alone: an .env is for docker compose, and honcho would read it otherwise.
serve: setup
	@echo "站点：http://127.0.0.1:8000（按 Ctrl-C 结束）"
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m honcho -e /dev/null start

lint: style types

style: setup
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/djhtml --check --tabwidth 2 templates

types: setup
	$(TYPES)

# Types take a minute of one processor, in which the tests begin already; what was found is told after them.
test: style
	@mkdir -p var
	@($(TYPES)) > var/types.log 2>&1 & types=$$!; \
	$(BIN)/python -m pytest -n 3; tested=$$?; \
	wait $$types; typed=$$?; cat var/types.log; \
	test $$tested = 0 && test $$typed = 0

# While working: no browser, no workers and servers of the tests' own, no walks over every page.
test-fast: setup
	$(BIN)/python -m pytest -n 2 -q -m "not browser and not worker and not long and not walk"

# Ask for other versions in pyproject.toml, then renew the lock: one version of each package for every platform
# and Python.
lock: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	echo "# Exact versions of everything that pyproject.toml asks for, tools included. Renewed by: make lock" > requirements.new
	$(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --extra dev \
		--upgrade --no-header --no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml >> requirements.new
	mv requirements.new requirements.lock

# The pictures of the guides, taken anew from the demonstration in a real browser.
pictures: setup
	$(BIN)/python -m pytest tests/browser/pictures.py -q

clean:
	@if test -x $(BIN)/python; then $(BIN)/python -m kefu.embedded stop; fi
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
