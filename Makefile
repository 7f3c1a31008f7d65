# What people do with a checkout. Needs make and Python 3.11 or newer; `make help` lists the targets.

PYTHON ?= python3
BIN := .venv/bin

# Extra arguments for pytest: make test PYTEST_ARGS="-k resnet"
PYTEST_ARGS ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-10s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Two stamps, because `make demo` should need nothing but the package: it must not wait for, or fail over, a linter.
# Both are made again when pyproject.toml changes, and only then.

.venv/.package: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "archspec needs Python 3.11 or newer; name one: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --editable .
	@touch $@

.venv/.dev: .venv/.package
	$(BIN)/python -m pip install --editable '.[dev]'
	@touch $@

.PHONY: demo
demo: .venv/.package ## build AlexNet from its spec and print it
	$(BIN)/archspec build architectures/alexnet.yaml

.PHONY: test
test: .venv/.dev ## run every test
	$(BIN)/python -m pytest -n 2 $(PYTEST_ARGS)

.PHONY: test-fast
test-fast: .venv/.dev ## run the tests that take no more than a few seconds
	$(BIN)/python -m pytest -n 2 -m "not slow" $(PYTEST_ARGS)

.PHONY: lint
lint: .venv/.dev ## check style, types and the direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

.PHONY: format
format: .venv/.dev ## format the code and apply the safe fixes
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

.PHONY: schema
schema: .venv/.package ## write schemas/ anew from the models it is made of
	$(BIN)/archspec schema -o schemas/archspec.schema.json

.PHONY: docs
docs: .venv/.package ## write the generated tables in docs/ and the gallery anew
	$(BIN)/python docs/generate.py

# The peers that `bench` and `hostile` compare with. The last two would bring or ask for more than they need here:
# ultralytics a second set of packages for images, torcharc a newer Python than it uses.
.venv/.bench: .venv/.dev
	$(BIN)/python -m pip install --editable '.[bench]'
	$(BIN)/python -m pip install --no-deps ultralytics
	$(BIN)/python -m pip install --no-deps --ignore-requires-python 'torcharc>=2'
	@touch $@

.PHONY: bench
bench: .venv/.bench ## measure the compiler and the models it makes, beside PyTorch and its peers
	$(BIN)/python -m benchmarks

# Arguments for `make exports`: --all, or names of presets.
EXPORTS ?=

# How long `make fuzz` spends on each target.
MINUTES ?= 1

.venv/.fuzz: .venv/.package
	$(BIN)/python -m pip install --editable '.[fuzz]'
	@touch $@

.PHONY: fuzz
fuzz: .venv/.fuzz ## look for what breaks a promise, MINUTES=1 a target
	$(BIN)/python -m fuzz --minutes $(MINUTES)

.PHONY: exports
exports: .venv/.dev ## write presets in every format, and the rows that docs/export.md lacks (EXPORTS=--all: every row)
	$(BIN)/python -m benchmarks.exports $(EXPORTS)

.PHONY: hostile
hostile: .venv/.bench ## open hostile files with archspec and its peers, and write the table in docs/security.md
	$(BIN)/python -m benchmarks.hostile

.PHONY: clean
clean: ## remove builds and caches; .venv stays
	rm -rf build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -path ./.venv -prune -o -type d -name __pycache__ -exec rm -rf {} +
