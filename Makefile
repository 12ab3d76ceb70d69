# The commands of this project. Each makes the virtual environment that it needs, when there is none,
# and installs again when pyproject.toml has changed. Needed: make, and Python 3.11 or newer.
#
#   make demo     simulate a day of trading, then trade on the paper gateway for twenty seconds
#   make test     every check that a change must pass
#   make check    those of them that take seconds: style, imports, sizes
#   make types    those of them that are about types
#   make coverage all tests, measuring branches as well as statements; twice the time of make test
#   make fast     the test-suite without its slow parts
#   make quick    those, with fewer cases: for another Python, when one has passed all tests
#   make quickest those, without what only computes: for a Python between two that have passed more
#   make bench    the benchmarks
#   make clean    remove what these commands made
#
# Another interpreter in an environment of its own: make fast VENV=.venv-3.13 PYTHON=python3.13

VENV ?= .venv
# The first that works is taken: the newest version that the project is checked on, then any other.
PYTHON ?= python3.13 python3.12 python3.11 python3.14 python3 python

UV := $(shell command -v uv 2>/dev/null)
BIN := $(VENV)/bin
# What is never imported need not be compiled: Python does that at the first import.
PIP := $(BIN)/python -m pip install --quiet --no-compile
INSTALL := $(if $(UV),$(UV) pip install --quiet --python $(BIN)/python,$(PIP))
USABLE := import sys$(if $(UV),,, venv, ensurepip); sys.exit(sys.version_info < (3, 11))

# One process more than there are cores, since some tests wait; each takes whole files, in the order of tests/conftest.py.
WORKERS := $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1) + 1 )))
PYTEST := pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder
# Where compiled modules are not kept, each of the hundreds of processes that tests start compiles pandas again.
export PYTHONDONTWRITEBYTECODE :=

define STYLE_CHECKS
$(BIN)/ruff check .
$(BIN)/ruff format --check .
$(BIN)/lint-imports
endef

# Both at the same time. Pyright takes the first Python on the PATH for its imports.
define TYPE_CHECKS
$(BIN)/mypy & PATH="$(abspath $(BIN)):$$PATH" $(BIN)/pyright; status=$$?; wait $$! && exit $$status
endef

# With $(1), options of coverage.py. Fails where a room is tested too little.
define MEASURED_TESTS
$(BIN)/python tests/fetch_oracles.py
$(BIN)/coverage erase
$(BIN)/python -m coverage run $(1) -m $(PYTEST)
$(BIN)/coverage combine --quiet
$(BIN)/coverage json --quiet --include='src/*' -o - | $(BIN)/python tests/coverage_gate.py
endef

.PHONY: demo test check coverage types fast quick quickest bench clean
.NOTPARALLEL:

demo: $(VENV)/.installed-all
	$(BIN)/ibdesk simulate examples/moving_averages.py --from 2026-11-02 --to 2026-11-02
	$(BIN)/ibdesk demo

test: $(VENV)/.installed-test
	$(STYLE_CHECKS)
	$(TYPE_CHECKS)
	$(call MEASURED_TESTS)

check: $(VENV)/.installed-test
	$(STYLE_CHECKS)
	$(BIN)/python -m pytest tests/test_house.py

coverage: $(VENV)/.installed-test
	$(call MEASURED_TESTS,--branch)

types: $(VENV)/.installed-test
	$(TYPE_CHECKS)
	$(BIN)/python -m pytest tests/typing

fast quick quickest: $(VENV)/.installed-fast
	$(BIN)/python tests/fetch_oracles.py
	$(BIN)/python -m $(PYTEST) --$@

bench: $(VENV)/.installed-test
	$(BIN)/python tests/fetch_oracles.py
	@set -e; for script in benchmarks/bench_*.py; do echo "== $$script"; $(BIN)/python "$$script"; done

clean:
	rm -rf .venv .venv-* .oracles build dist htmlcov .coverage .coverage.*
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.installed-all: pyproject.toml | $(BIN)/python
	$(INSTALL) -e '.[all]'
	@touch $@

$(VENV)/.installed-fast: pyproject.toml | $(BIN)/python
	$(INSTALL) -e '.[all,test]'
	@touch $@ $(VENV)/.installed-all

$(VENV)/.installed-test: pyproject.toml | $(BIN)/python
	$(INSTALL) -e '.[all,test,test-programs,checks]'
	@touch $@ $(VENV)/.installed-all $(VENV)/.installed-fast

$(BIN)/python:
	@for candidate in $(PYTHON); do \
	    if found=$$("$$candidate" -c '$(USABLE)' 2>/dev/null && "$$candidate" -c 'import sys; print(sys.executable)'); \
	    then break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	    echo "ibdesk needs Python 3.11 or newer with its venv module (Debian, Ubuntu: apt install python3-venv)." >&2; \
	    echo "None of these is: $(PYTHON). Name another with: make PYTHON=/path/to/python3 ..." >&2; \
	    exit 1; \
	fi; \
	echo "Making $(VENV) with $$("$$found" --version)"; \
	$(if $(UV),$(UV) venv --quiet --python "$$found" $(VENV),"$$found" -m venv $(VENV))
