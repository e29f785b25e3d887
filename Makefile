# Two commands do everything: `make gate` (the main job on embedded data) and `make test`.
PYTHON ?= python3.11
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --no-compile --constraint constraints.txt

.PHONY: gate test slow check system clients clean

gate: $(VENV)/.gate-ready
	$(BIN)/understudy gate $(if $(RUN),--out $(RUN))

test: $(VENV)/.dev-ready clients
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist loadfile

slow: $(VENV)/.dev-ready clients
	$(BIN)/pytest -m slow --timeout 3600

check: $(VENV)/.dev-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Debian packages that the tests drive (voices, browser, node); the gate itself needs none of them.
system:
	sh scripts/system-packages.sh

# Packages of the npm registry that tests use as real clients.
clients: tests/clients/node/node_modules/.ready
tests/clients/node/node_modules/.ready: tests/clients/node/package-lock.json
	@if command -v npm >/dev/null; then cd tests/clients/node && npm ci --silent --no-audit --no-fund && touch node_modules/.ready; \
	else echo "npm is missing: the JavaScript client's test will skip (make system)"; fi

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.gate-ready: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) --editable '.[engine,client]'
	@touch $@

$(VENV)/.dev-ready: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) --editable '.[engine,client,train,dev]'
	@if command -v g++ >/dev/null; then $(PIP) --editable '.[oracles]'; \
	else echo "g++ is missing: tests against meeteval and kenlm will skip (make system)"; fi
	@touch $@ $(VENV)/.gate-ready

clean:
	rm -rf $(VENV) .understudy runs
