# Every command works from a fresh clone: what it needs is installed first, and only once.
PYTHON ?= python3
# Tests run side by side, a file at a time, on as many processors as there are.
PYTEST_ARGS ?= -n auto --dist loadfile
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo quick test install lint bench test-slow widgets docs release clean

help: ## what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/installed ## start the demo product with its guidance, and print where to look
	$(BIN)/waypost demo

quick: .venv/tested .venv/system ## the everyday run, in a few minutes: without what takes a browser or a server long
	$(BIN)/python -m pytest $(PYTEST_ARGS) -m "not slow and not thorough"

test: .venv/tested .venv/system ## run everything that has to pass before a change lands, and make the website with its pictures
	SCREENSHOTS_TO=$(CURDIR)/.venv/pictures $(BIN)/python -m pytest $(PYTEST_ARGS)
	$(BIN)/python -m release.site --pictures .venv/pictures

install: .venv/installed ## make the `waypost` command in .venv/bin

lint: .venv/tested ## style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/tested ## measure against named peers, in ratios
	$(BIN)/pip install --quiet --requirement benchmarks/peers.txt
	$(BIN)/python -m benchmarks

test-slow: .venv/tested .venv/system .venv/spark ## the long profiles
	CI=true WAYPOST_TEST_PROFILE=slow $(BIN)/python -m pytest -m "" $(PYTEST_ARGS)

widgets: ## rebuild the committed browser bundle (needs Node)
	cd widgets && npm ci && npm run build

docs: .venv/documented ## the documentation as a website, in dist/site
	$(BIN)/python -m release.site

release: .venv/releasing/bin/twine ## build and check wheel, sdist, npm packages and bill of materials in dist/; publishes nothing
	.venv/releasing/bin/python -m release

clean: ## forget the virtual environment and caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis dist

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Waypost needs Python 3.11 or newer; set PYTHON=…")'
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

.venv/tested: .venv/bin/python pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test,postgres]'
	touch $@ .venv/installed

.venv/documented: .venv/bin/python pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[docs]'
	touch $@ .venv/installed

# Spark is for the long profiles alone: 400 MB, and Java.
.venv/spark: pyproject.toml | .venv/tested
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[spark]'
	.ci/install-system-packages java
	touch $@

# Tools of a release have dependencies of their own, which must not decide what the product is tested with.
.venv/releasing/bin/twine: release/tools.txt | .venv/bin/python
	$(PYTHON) -m venv .venv/releasing
	.venv/releasing/bin/pip install --quiet --disable-pip-version-check --requirement release/tools.txt
	touch $@

.venv/system: .ci/install-system-packages
	.ci/install-system-packages
	touch $@
