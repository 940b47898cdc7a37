# The commands of users and developers. `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.ready
# Parallel test processes: one for each long group of tests in tests/conftest.py. They mostly wait for queues, so two cores are enough.
WORKERS ?= 3
# Programs that the commands download or build.
TOOLS := .tools
# Without settings of the user's that install elsewhere than into .venv.
PIP = env -u PIP_TARGET -u PIP_PREFIX -u PIP_ROOT PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check
NOT_INSTALLED = The requirements could not be installed: pip gives the reason above. Without network access, set \
	PIP_INDEX_URL or PIP_FIND_LINKS to a mirror, and HTTPS_PROXY to a proxy if there is one.
PYTEST = $(BIN)/python -m pytest -n $(WORKERS) --dist loadscope

.DEFAULT_GOAL := help
.PHONY: help setup setup-browser demo manifest package-lambdas format lint audit test test-fast test-nightly fuzz soak gaps plan-latest \
	upgrade-plan docs screenshots schemas iam-actions lock bench costs structure release clean

help:
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' \
		$(MAKEFILE_LIST)

##@ Use
setup: $(STAMP) ## Create .venv with the command ds-dashboard and everything that the commands below need

$(STAMP): pyproject.toml requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is required, but $(PYTHON) is %d.%d. Run: make PYTHON=python3.12 ..." % sys.version_info[:2])'
	@echo "Installing the requirements into .venv (takes about a minute, once) ..." >&2
	@$(PYTHON) -m venv .venv
	@$(PIP) --require-hashes -r requirements/dev.txt || { echo "$(NOT_INSTALLED)" >&2; exit 1; }
	@$(PIP) --no-deps --no-build-isolation -e .
	@# Relative: Python reads this file in the encoding of the locale, and LC_ALL=C has no letters with accents.
	@for file in .venv/lib/python*/site-packages/_ds_dashboard.pth; do printf '../../../../%s\n' lambda_src tools >$$file; done
	@touch $@

setup-browser: setup ## Install Chromium for the tests of the pages, if there is none (Debian and Ubuntu)
	@$(BIN)/python -m ds_dashboard_dev.browser

demo: setup package-lambdas ## Run two hubs and two spokes on a local cloud, without an AWS account (KEEP=1 leaves them running, PORT=4600)
	@# Not the PORT of the environment, which many machines set for another program.
	@$(BIN)/python -m ds_dashboard_dev.demo $(if $(KEEP),--keep) $(if $(filter command,$(origin PORT)),--port $(PORT))

manifest: setup ## Write modules/spoke/metrics.json and docs/metrics.md from the metric classes
	@$(BIN)/ds-dashboard manifest

package-lambdas: setup ## Write the Lambda package, lambda_src/dist/ds_dashboard.zip
	@$(BIN)/ds-dashboard package

##@ Check
format: setup ## Format Python and Terraform sources
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix . && terraform fmt -recursive

lint: setup ## Check form, types, generated files, Terraform and workflows (about a minute)
	@$(BIN)/python -m ds_dashboard_dev.lint

audit: setup ## Look up known vulnerabilities of the pinned packages
	@$(BIN)/python -m ds_dashboard_dev.audit

test: setup package-lambdas ## Run the fast and the deployed tests (about 15 minutes on two cores; ARGS="tests/unit -k dates" runs some)
	@$(PYTEST) $(ARGS)

test-fast: setup package-lambdas ## Run the tests that need no Terraform
	@$(PYTEST) -m fast $(ARGS)

test-nightly: setup package-lambdas ## Run the long tests: scale, combined faults, benchmarks, soak, fuzzing (about half an hour)
ifdef ARGS
	@$(PYTEST) -m nightly $(ARGS)
else
	@$(PYTEST) -m nightly --ignore tests/bench
	@# Alone, because the figures need a quiet machine.
	@$(BIN)/python -m pytest -m nightly tests/bench
endif

fuzz: setup ## Pass random input to events, archive and command line (MINUTES=10, ARGS="--seed 7")
	@$(BIN)/python -m ds_dashboard_dev.fuzz --minutes $(or $(MINUTES),10) $(ARGS)

soak: setup package-lambdas ## Inject random faults into a deployed hub, and count every event (MINUTES=10, ARGS="--seed 7")
	@$(BIN)/python -m ds_dashboard_dev.soak --minutes $(or $(MINUTES),10) $(ARGS)

gaps: setup ## Run the local cloud's tests without each patch of its engine (ARGS="rule_quota replays")
	@$(BIN)/python -m ds_dashboard_dev.gaps $(ARGS)

plan-latest: setup ## Plan every example with the newest AWS provider (DS_DASHBOARD_TERRAFORM=tofu uses OpenTofu)
	@$(BIN)/python -m ds_dashboard_dev.plans.latest

upgrade-plan: setup ## Plan the modules over the state of an earlier revision (FROM=v0.1.0)
	@$(BIN)/python -m ds_dashboard_dev.plans.upgrade --from "$(or $(FROM),$(error Name the revision to upgrade from: make upgrade-plan FROM=v0.1.0))"

##@ Generate
docs: setup manifest ## Write the tables in the READMEs of modules and examples, and of the local cloud's gaps
	@$(BIN)/python -m ds_dashboard_dev.module_docs

screenshots: setup ## Write the pictures of the pages in docs/images (requires Chromium: make setup-browser)
	@$(BIN)/python -m ds_dashboard_dev.screenshots

schemas: setup ## Write the validators of events from their JSON Schemas
	@$(BIN)/python -m ds_dashboard_dev.validators

iam-actions: setup ## Write the IAM actions of API operations that have another name, from the links of AWS's reference
	@$(BIN)/python -m ds_dashboard_dev.operation_actions

lock: setup ## Pin the dependencies again, with hashes (requires uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --all-extras pyproject.toml -o requirements/dev.txt --custom-compile-command "make lock"
	uv pip compile --universal --python-version 3.11 --generate-hashes requirements/checkov.in -o requirements/checkov.txt --custom-compile-command "make lock"
	uv pip compile --universal --python-version 3.11 --generate-hashes requirements/pip-audit.in -o requirements/pip-audit.txt --custom-compile-command "make lock"

##@ Measure
bench: setup package-lambdas ## Measure speed and size, and compare with the aims (ARGS="coldstart", ARGS="--write docs/benchmarks.md")
	@$(BIN)/python -m ds_dashboard_dev.bench $(ARGS)

costs: setup ## Compute the monthly costs for 10, 100 and 1,000 spokes
	@$(BIN)/python -m ds_dashboard_dev.costs

structure: setup ## Measure the size and the structure of each package (ARGS="--rev v0.1.0" for a revision)
	@$(BIN)/python -m ds_dashboard_dev.structure $(ARGS)

##@ Release
release: setup ## Write the files of a release and their checksums into dist/ (TAG=v0.1.0 checks the tag)
	@$(BIN)/python -m ds_dashboard_dev.release $(if $(TAG),--tag "$(TAG)")

clean: ## Remove everything that was built and installed here
	rm -rf .venv $(TOOLS) lambda_src/dist lambda_src/vendor dist build
