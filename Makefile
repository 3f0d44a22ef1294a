# Everything starts from python3 >= 3.11 and make: the targets create .venv themselves.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= 2
ARGS ?=
BENCH ?= $(patsubst benchmarks/%.py,%,$(filter-out benchmarks/__init__.py benchmarks/_%,$(wildcard benchmarks/*.py)))
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
UV ?= $(shell command -v uv 2>/dev/null)

# Without bytecode every process would compile the same modules anew: a start takes three times as long, and a test's
# process longer than the test. Empty means unset, whatever the caller's environment says.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help install up test test-thorough test-slow test-browser lint types contracts check bench lock clean
.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(STAMP) ## create .venv with the locked dependencies and the command `pickstream`
	@echo "$(VENV) is ready"

up: $(STAMP) ## start everything: make up ARGS="--speed 60"
	@exec $(BIN)/pickstream up $(ARGS)

test: $(STAMP) ## the fast suite on a throw-away stack: make test ARGS="tests/kernel -k money"
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal $(ARGS)

test-thorough: $(STAMP) ## whole days and histories, and ten times the examples of the fast suite
	@$(BIN)/pytest --run-thorough -m "(thorough or hypothesis) and not slow" --hypothesis-profile thorough \
		-n $(WORKERS) --dist worksteal $(ARGS)

test-slow: $(STAMP) ## the tests that take minutes: kills and fuzzing
	@$(BIN)/pytest --run-slow -m slow -n $(WORKERS) $(ARGS)

test-browser: $(STAMP) ## the pages in the system's Chromium
	@$(BIN)/pytest --run-browser -m "browser and not slow" $(ARGS)

lint: $(STAMP) ## style and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(STAMP) ## static types, strict
	@$(BIN)/mypy

contracts: $(STAMP) ## which module may import which
	@$(BIN)/lint-imports

check: lint types contracts test test-thorough test-browser ## all of the above but the slow tests

bench: $(STAMP) ## one JSON line of figures each: make bench BENCH=reservation
	@for name in $(BENCH); do $(BIN)/python -m benchmarks.$$name $(ARGS) || exit 1; done

lock: ## resolve the dependencies anew into the two requirements.lock files
	@scratch=$$(mktemp -d) && trap 'rm -rf "$$scratch"' EXIT && uv="$(UV)" && \
	if [ -z "$$uv" ]; then $(PYTHON) -m venv "$$scratch/venv" && "$$scratch/venv/bin/pip" install -q uv && uv="$$scratch/venv/bin/uv"; fi && \
	cp pyproject.toml README.md "$$scratch" && root=$$PWD && cd "$$scratch" && \
	export="$$uv export -q --no-emit-project --no-header --no-annotate --format requirements-txt" && \
	$$export --all-extras -o "$$root/requirements.lock" && $$export --extra karrio -o "$$root/deploy/requirements.lock"
	@! grep -nE '://|--(extra-)?index|--find-links' requirements.lock deploy/requirements.lock

clean: ## remove .venv and caches; data stay
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A finished installation leaves a stamp, so that the next call starts at once. Bytecode is compiled at first use:
# compiling all of it here would cost a fifth of the time until the first page.
$(STAMP): requirements.lock pyproject.toml
	@if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or later is needed; none was found as python3. Name one: make PYTHON=/path/to/python3" >&2; exit 1; fi
	@if [ -n "$(UV)" ]; then \
		"$(UV)" venv -q --allow-existing --python "$(PYTHON)" $(VENV) && \
		"$(UV)" pip install -q --python $(BIN)/python --require-hashes -r requirements.lock && \
		"$(UV)" pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
		{ [ -x $(BIN)/pip ] || "$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); \
			echo "python3 cannot create a virtual environment; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }; } && \
		echo "Installing the locked dependencies into $(VENV) ..." && \
		$(BIN)/pip install -q --disable-pip-version-check --no-compile --require-hashes -r requirements.lock && \
		$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	fi
	@touch $@
