# `make` alone lists the targets. Everything runs from .venv and node_modules, which are made when first needed.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
SHELL := /bin/bash

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LINT := .venv-lint
RINGS := tests/unit tests/messages tests/infra tests/http tests/contract tests/rights tests/faults tests/browser

.PHONY: help run test check fix bench package lock deploy stop destroy screenshots chromium firefox

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: $(VENV)/installed ## the clinic on this machine: http://localhost:8000/ and its mailbox on :8025
	@$(BIN)/python -m infra.local

test: $(VENV)/installed node_modules/installed chromium firefox ## every test
	$(BIN)/python -m pytest $(wildcard $(RINGS))
	node --test tests/js/*.test.js

check: $(VENV)/installed $(LINT)/installed node_modules/installed ## types, style, imports, templates, spelling, rights
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	node_modules/.bin/tsc --project tsconfig.json
	$(BIN)/djlint chalicelib/templates --check --lint --quiet
	$(BIN)/codespell
	$(BIN)/python -m infra.lint

fix: $(VENV)/installed ## repair what can be repaired without thinking
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djlint chalicelib/templates --reformat --quiet

package: $(VENV)/installed ## build/package: template, zip and what is in it, as AWS will have them; ARCHITECTURE=arm64 for the other processor
	@$(BIN)/python -m infra.package $(ARCHITECTURE)

lock: $(VENV)/installed ## requirements*.txt from requirements*.in; what is pinned stays, unless the .in says otherwise
	@for name in requirements requirements-dev; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
			--custom-compile-command "make lock" $$name.in --output-file $$name.txt || exit; done

bench: $(VENV)/installed chromium ## how fast it starts, answers, seals and is deployed, beside what is allowed
	@$(BIN)/python -m tests.bench

deploy: $(VENV)/installed ## CLINIC=name: make that clinic on AWS what infra/clinics/name.json says; YES=1 asks nothing
	@test -n "$(CLINIC)" || { echo "Which one? make deploy CLINIC=name, for infra/clinics/name.json" >&2; exit 2; }
	@$(BIN)/python -m infra.deploy infra/clinics/$(CLINIC).json $(if $(YES),--yes) $(if $(PSC_SECRET),--psc-secret)

stop: $(VENV)/installed ## CLINIC=name: let no function of that clinic run, at night; START=1 lets them run again
	@test -n "$(CLINIC)" || { echo "Which one? make stop CLINIC=name, for infra/clinics/name.json" >&2; exit 2; }
	@$(BIN)/python -m infra.stop infra/clinics/$(CLINIC).json $(if $(START),--start)

destroy: $(VENV)/installed ## CLINIC=name: destroy that clinic on AWS, after two questions
	@test -n "$(CLINIC)" || { echo "Which one? make destroy CLINIC=name, for infra/clinics/name.json" >&2; exit 2; }
	@$(BIN)/python -m infra.destroy infra/clinics/$(CLINIC).json

screenshots: $(VENV)/installed node_modules/installed chromium ## every page in every state, as pictures in build/screenshots
	@$(BIN)/python -m tests.browser.screenshots

# Made again only when the pins change; a file whose SHA-256 is not pinned is refused.
$(VENV)/installed: requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Sceau needs Python 3.11 or newer as $(PYTHON); set PYTHON=/path/to/python3.13 if it is elsewhere." >&2; exit 1; }
	@echo "Installing what Sceau needs into $(VENV): once, about a minute."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.txt
	@touch $@

# In an environment of their own, whose every file is known by its digest.
$(LINT)/installed: requirements-lint.txt | $(VENV)/installed
	@echo "Installing what reads the template into $(LINT): once, about a minute."
	@$(BIN)/python -m venv --clear $(LINT)
	@$(LINT)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: --requirement requirements-lint.txt
	@touch $@

node_modules/installed: package.json package-lock.json
	@node -e 'process.exit(+(process.versions.node.split(".")[0] < 20))' 2>/dev/null || \
		{ echo "Sceau needs Node 20 or newer for its browser modules' tests." >&2; exit 1; }
	@npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

chromium:
	@command -v chromium >/dev/null || { test "$$(id -u)" = 0 && apt-get install --yes --quiet chromium >/dev/null; } || \
		{ echo "The browser tests need chromium: install it (apt-get install chromium), then try again." >&2; exit 1; }

firefox:
	@command -v firefox-esr >/dev/null || { test "$$(id -u)" = 0 && apt-get install --yes --quiet firefox-esr >/dev/null; } || \
		{ echo "The browser tests need firefox-esr: install it (apt-get install firefox-esr), then try again." >&2; exit 1; }
