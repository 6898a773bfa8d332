# Everything here works on a fresh machine with Python 3.11+ and git.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Node.js 20 or newer is used where it is; else the `node` extra brings one along.
HAS_NODE := $(shell node -e 'process.exit(process.versions.node.split(".")[0] >= 20 ? 0 : 1)' 2>/dev/null && npm --version >/dev/null 2>&1 && echo yes)
RUNTIME := $(if $(HAS_NODE),.,.[node])
DEVELOPMENT := $(if $(HAS_NODE),.[dev],.[dev,node])
# One more than there are processors: many a test waits, for an automation or for time to pass.
WORKERS := $(shell echo $$(($$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2) + 1)))

.PHONY: demo test bench lint format generate endpoint-table recording clean

demo: $(VENV)/runtime
	$(BIN)/xgodo-dev demo

test: $(VENV)/development
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --endpoint-table check

# What the tests show of each documented endpoint.
endpoint-table: $(VENV)/development
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --endpoint-table write tests/endpoints

# What the README shows, played by the real program.
recording: $(VENV)/development
	$(BIN)/python -m docs.recording

bench: $(VENV)/development
	$(BIN)/python -m tests.benchmarks

lint: $(VENV)/development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@# What a system lacks, its own branch of the code must not use.
	$(BIN)/mypy --platform darwin --cache-dir .mypy_cache/darwin
	$(BIN)/mypy --platform win32 --cache-dir .mypy_cache/win32

# What is derived from the specs of the platforms (their JSON twins and the Python clients), and from the
# commands: the shell's table of them, the manual page and the reference.
generate: $(VENV)/development
	$(BIN)/python -m xgodo_dev.platform.spec.generation
	$(BIN)/python -m xgodo_dev.cli.manual

format: $(VENV)/development
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# What the program needs, and what working on it needs besides.
$(VENV)/runtime: pyproject.toml | $(BIN)/python
	@echo "Installing xgodo-dev into $(VENV) …"
	@$(PIP) --editable '$(RUNTIME)'
	@touch $@

$(VENV)/development: pyproject.toml | $(BIN)/python
	@echo "Installing xgodo-dev and its development tools into $(VENV) …"
	@$(PIP) --editable '$(DEVELOPMENT)'
	@touch $@ $(VENV)/runtime

clean:
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
