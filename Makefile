# make demo    everything running at once, on http://127.0.0.1:5232
# make test    all tests; those that need Chromium, node, Dovecot, PostgreSQL or litmus say how to install them if they are missing
# make compliance  docs/compliance.md anew, after a row of the tables changed
# make check   format, lint, types, import contracts
# make clients real calendar programs against the demo (Thunderbird, also with another program; heavy)

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 5232
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check

.PHONY: demo test compliance check format bench clients clean

demo: $(VENV)/.run
	$(BIN)/gateway demo --port $(PORT) $(if $(DATA),--data $(DATA))

test: $(VENV)/.test $(VENV)/suites/.fetched $(if $(shell command -v npm),tests/node/node_modules)
	$(BIN)/python -m pytest -n auto $(ARGS)

compliance: $(VENV)/.test
	$(BIN)/python -m tests.conformance.compliance

check: $(VENV)/.check
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tests/limits.py

format: $(VENV)/.check
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.test
	$(BIN)/python tests/bench/run.py $(ARGS)

clients: $(VENV)/.test
	$(BIN)/python tests/clients/run.py $(ARGS)

clean:
	rm -rf $(VENV) tests/node/node_modules .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with its venv module is needed (Debian: apt-get install python3-venv)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml | $(BIN)/python
	@echo "Installing the gateway into $(VENV) (once; about a minute) ..."
	@$(PIP) -e .
	@touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	@echo "Installing the gateway and what its tests need into $(VENV) (once; about a minute) ..."
	@$(PIP) -e '.[test]'
	@touch $@ $(VENV)/.run

$(VENV)/.check: pyproject.toml | $(BIN)/python
	@$(PIP) -e '.[test,check]'
	@touch $@ $(VENV)/.test $(VENV)/.run

$(VENV)/suites/.fetched: $(VENV)/.test
	@$(BIN)/python tests/conformance/fetch.py && touch $@ || echo "The sources of two packages could not be had; the tests that need them will say so"

tests/node/node_modules: tests/node/package-lock.json
	@npm ci --silent --no-fund --no-audit --prefix tests/node || echo "npm ci failed; the tests that need node will say so"
	@touch tests/node/node_modules 2>/dev/null || true
