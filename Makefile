# Everything a user or a developer runs. `make help` lists it.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.ready
# Tests wait for queues more than they compute, so more workers than this pay where there is memory.
WORKERS ?= 2
# Where Go is there, linters that are Go programs are built into this ignored folder.
TOOLS := .tools

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint audit format structure manifest package-lambdas schemas docs bench costs soak fuzz upgrade-plan release lock clean

help: ## List these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | column -t -s '|'

setup: $(STAMP) ## Make .venv with all that is needed, ds-dashboard in it

$(STAMP): pyproject.toml requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed, $(PYTHON) is %d.%d. Name a newer one: make PYTHON=python3.12 ..." % sys.version_info[:2])'
	@echo "Installing what is needed into .venv (about a minute, once) ..." >&2
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup package-lambdas ## Hub and spokes on a local cloud, from nothing to a table of values (KEEP=1 leaves it running)
	@$(BIN)/python -m ds_dashboard_dev.demo $(if $(KEEP),--keep)

test: setup package-lambdas ## All tests
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope $(ARGS)

manifest: setup ## Write modules/spoke/metrics.json and docs/metrics.md from the metric classes
	@$(BIN)/ds-dashboard manifest

package-lambdas: setup ## Write lambda_src/dist/ds_dashboard.zip
	@$(BIN)/ds-dashboard package

lint: setup ## ruff, mypy, terraform fmt and validate, tflint, checkov, actionlint
	@$(BIN)/python -m ds_dashboard_dev.lint

audit: setup ## Known faults in what is pinned, where the database can be reached
	@$(BIN)/python -m ds_dashboard_dev.audit

format: setup ## Put Python and Terraform into their standard form
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix . && terraform fmt -recursive

structure: setup ## Size and shape of the repository, package by package (ARGS="--rev v0.1.0" for a revision)
	@$(BIN)/python -m ds_dashboard_dev.structure $(ARGS)

schemas: setup ## Write the checks of events from their JSON Schemas
	@$(BIN)/python -m ds_dashboard_dev.validators

docs: setup manifest ## Write the tables of the modules' READMEs anew
	@$(BIN)/python -m ds_dashboard_dev.module_docs

bench: setup package-lambdas ## Measure the figures, each beside its aim (ARGS="coldstart", ARGS="--write docs/benchmarks.md")
	@$(BIN)/python -m ds_dashboard_dev.bench $(ARGS)

costs: setup ## What an installation costs, for 10, 100 and 1,000 spokes
	@$(BIN)/python -m ds_dashboard_dev.costs

soak: setup package-lambdas ## Random faults on a deployed hub, every event counted (MINUTES=10, ARGS="--seed 7")
	@$(BIN)/python -m ds_dashboard_dev.soak --minutes $(or $(MINUTES),10) $(ARGS)

fuzz: setup ## Arbitrary input for contract, archive and command line (MINUTES=10, ARGS="--seed 7")
	@$(BIN)/python -m ds_dashboard_dev.fuzz --minutes $(or $(MINUTES),10) $(ARGS)

upgrade-plan: setup ## Plan the present modules over a state of an earlier version on a local cloud (FROM=REV)
	@$(BIN)/python -m ds_dashboard_dev.upgrade --from "$(or $(FROM),$(error Name the version to upgrade from: make upgrade-plan FROM=v0.1.0))"

release: setup ## Write what a version is published with into dist/, with checksums (TAG=v0.1.0 checks the tag)
	@$(BIN)/python -m ds_dashboard_dev.release $(if $(TAG),--tag "$(TAG)")

lock: setup ## Pin the dependencies anew, with hashes (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --all-extras pyproject.toml -o requirements/dev.txt --custom-compile-command "make lock"
	uv pip compile --universal --python-version 3.11 --generate-hashes requirements/checkov.in -o requirements/checkov.txt --custom-compile-command "make lock"
	uv pip compile --universal --python-version 3.11 --generate-hashes requirements/pip-audit.in -o requirements/pip-audit.txt --custom-compile-command "make lock"

clean: ## Remove what was built and installed here
	rm -rf .venv $(TOOLS) lambda_src/dist lambda_src/vendor dist build
