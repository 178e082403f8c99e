# Every command of this project. `make` alone lists them.
# Needs: python3 (3.11 or newer) with venv, and make. Everything else is installed into .venv from hashed lists.

PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
NODE := tests/node/node_modules/.installed

.DEFAULT_GOAL := help
.PHONY: help demo serve test test-rest test-all node resilience check format coverage docs pictures bench licences sbom audit constraints wheel clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(RUNTIME) ## Start the service, send it a patient, show the cards, stop
	@$(BIN)/cds-service demo

serve: $(RUNTIME) ## Run the service on 127.0.0.1:8000 (PORT=... for another port)
	$(BIN)/cds-service serve --port $(PORT)

# The fast tests are those that start no program beside them; that is found out, not declared (tests/processes.py).
# COVERAGE=yes measures the branches of the pure packages on the way, and fails below 99 % of them.
FAST := not process and not thorough
test: $(DEV) node ## Run the fast tests (minutes; `make test-all` runs the others too)
	$(BIN)/python -m pytest -m '$(FAST)' --numprocesses auto --dist worksteal $(if $(COVERAGE),--cov --cov-report=)
	$(if $(COVERAGE),$(BIN)/coverage report --include='$(PURE)' --show-missing --skip-covered --precision=2 --fail-under=99)

# Half of their time is waiting for a program that starts, so there are more of them than processors.
test-rest: $(DEV) node ## Run the tests that `make test` leaves out: servers, databases, browsers, faults, long forms
	$(BIN)/python -m pytest -m 'not ($(FAST))' --numprocesses 4 --dist loadscope --no-loadscope-reorder

test-all: test test-rest ## Run every test, each once

PURE := cds_service/hooks/*,cds_service/cards/*,cds_service/oncology/*,cds_service/fhir/*,$\
	cds_service/terminology/*,cds_service/knowledge/*,cds_service/protocol/*,cds_service/errors.py,cds_service/truth.py

node: ## Install the FHIR server and the definitions that the tests use (needs Node 20 or newer; without it says so)
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory $(NODE); \
	else echo "Node is not installed: the tests that need it are skipped (they fail where CI is set)."; fi

resilience: $(DEV) ## Make faults while the service is under load, three times each, and say what was seen (a quarter of an hour)
	RESILIENCE=long $(BIN)/python -m pytest tests/resilience --numprocesses 0 -v

check: $(DEV) ## Lint, format check, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(DEV) ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

coverage: ## Run the fast tests with branch coverage of the pure packages (fails below 99 %)
	@$(MAKE) --no-print-directory test COVERAGE=yes

docs: $(DEV) ## Write the generated pages in docs/reference/ anew from what they describe
	$(BIN)/python -m tests.spec.render

pictures: $(DEV) ## Take the pictures of docs/images anew (needs Chromium)
	$(BIN)/python -m tests.browser.pictures

bench: $(DEV) ## Measure the service beside a floor app (a few minutes; ARGS=--write updates the page)
	$(BIN)/python -m benchmarks $(ARGS)

licences: $(DEV) ## Write docs/reference/licences.md anew from the packages of the runtime list
	$(BIN)/python -m supply_chain.licences

sbom: $(DEV) ## Write the bill of materials (CycloneDX) to dist/sbom.json
	@mkdir -p dist
	$(BIN)/python -m supply_chain.sbom > dist/sbom.json

audit: $(RUNTIME) ## Ask whether a vulnerability is known in what runs in service (needs a network)
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && $(PYTHON) -m venv "$$folder" \
	&& "$$folder/bin/python" -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements/audit.txt \
	&& $(BIN)/python -m supply_chain.audit "$$folder/bin/pip-audit" requirements/runtime.txt

wheel: $(RUNTIME) ## Build the wheel into dist/
	$(PIP) wheel --no-deps --no-build-isolation --wheel-dir dist .

# The hashed lists hold neither an index address nor a path, so they serve any mirror. They name extras, as older pips
# look for the newest release of `name[extra]` where only `name` is pinned, and then find it has no hash.
COMPILE = $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-strip-extras --no-header --no-annotate --no-emit-index-url

constraints: $(RUNTIME) ## Renew the hashed lists in requirements/ (needs the uv package, installed here)
	$(PIP) install uv
	$(COMPILE) requirements/build.in -o requirements/build.txt
	$(COMPILE) pyproject.toml -c requirements/build.txt -o requirements/runtime.txt
	$(COMPILE) pyproject.toml --extra dev -c requirements/build.txt -c requirements/runtime.txt -o requirements/dev.txt
	$(COMPILE) requirements/hadolint.in -o requirements/hadolint.txt
	$(COMPILE) requirements/audit.in -o requirements/audit.txt
	@! grep -nE 'https?:|file:|/' requirements/*.txt

clean: ## Remove what was built (not .venv)
	rm -rf build dist .coverage .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

# A stamp stands for "installed from these lists"; it is written only when every step before it went well.
$(RUNTIME): requirements/build.txt requirements/runtime.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements/build.txt -r requirements/runtime.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): $(RUNTIME) requirements/dev.txt
	$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

# Exact versions with their hashes, without addresses; nothing in the packages is run on installing.
$(NODE): tests/node/package.json tests/node/package-lock.json
	cd tests/node && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
