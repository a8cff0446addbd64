# The words a developer needs: `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON3 ?= python3
export PYTHON3

python := .venv/bin/python
pip := $(python) -m pip --disable-pip-version-check -qq install
# A .venv that is a link is somebody else's to keep: it is used as it is.
own_venv := $(if $(shell test -L .venv && echo linked),,yes)

# Rooms in which no line and no branch may go untried.
whole := reviewflow/engine*,reviewflow/moves*,reviewflow/guards*,reviewflow/clocks*,reviewflow/ratification*,reviewflow/anonymity*,reviewflow/workflow/*

.PHONY: help setup run test lint coverage bench soak mutants pins packages packages-test assets

help: ## List these words
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | while IFS=$$'\t' read -r word means; do printf '  make %-9s %s\n' "$$word" "$$means"; done

setup: .venv/.installed assets ## Install what running needs: system packages, Python packages, front-end assets

run: setup ## Start the service, its worker and the demo partnership, on SQLite
	@$(python) -m reviewflow serve --demo

test: .venv/.installed-test assets ## Install what tests need, then run every check and every test
	@.ci/lint; checked=$$?; $(python) -m pytest -n 2 --dist worksteal; tested=$$?; exit $$((checked || tested))

lint: .venv/.installed-test ## Run the checks that are not tests
	@.ci/lint

coverage: .venv/.installed-test assets ## Run the tests and show which lines and branches they leave out
	@$(python) -m pytest -n 2 --dist worksteal --cov --cov-fail-under=95
	@$(python) -m coverage report --fail-under=100 --include='$(whole)'

bench: .venv/.installed-test assets ## Measure the speed of this machine and of ReviewFlow on it
	@$(python) -m tests.bench

soak: .venv/.installed-test assets ## Run the long versions of the tests
	@$(python) -m pytest -m soak

mutants: .venv/.installed-test assets ## Break one promise at a time and see the named test fail
	@$(python) -m tests.mutants

pins: .venv/.installed ## Write the hash-pinned requirements again from pyproject.toml
	@.ci/pins

packages:
	@.ci/packages run

packages-test:
	@.ci/packages test

assets: .venv/.installed
	@$(python) .ci/assets.py

.venv/bin/python: | packages
	@$(if $(own_venv),$(PYTHON3) -m venv .venv)

.venv/.installed: requirements.txt pyproject.toml | packages .venv/bin/python
	@$(if $(own_venv),echo "Installing Python packages" && $(pip) --require-hashes -r requirements.txt)
	@$(if $(own_venv),$(pip) --no-deps --no-build-isolation -e .)
	@touch $@

.venv/.installed-test: requirements-test.txt .venv/.installed | packages-test
	@$(if $(own_venv),echo "Installing Python packages for the tests" && $(pip) --require-hashes -r requirements-test.txt)
	@.ci/packages browser
	@touch $@
