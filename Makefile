# Everything runs in .venv, made from requirements.lock by the first target that needs it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PYTEST := $(BIN)/python -m pytest
# Of the kube-apiservers, which otherwise spend an eighth of the time of these tests on collecting garbage.
CONTROL_PLANES := GOGC=400

.DEFAULT_GOAL := help
.PHONY: help demo down test lint types unit chart cluster faults crds format lock image kind kustomize bench

help: ## Show the targets
	@grep -hE '^[a-z%-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Drover needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP) ## A hub, a member, Drover and the examples, all Ready; leaves them running
	$(BIN)/drover dev demo

down: $(STAMP) ## Stop what `make demo` started
	$(BIN)/drover dev down --name demo

image: $(STAMP) ## Build the container image; needs Docker or podman
	$(BIN)/drover dev image

kind: $(STAMP) ## The demo with image and chart in clusters of kind; needs Docker or podman, kind and kubectl
	$(BIN)/drover dev kind

test: lint unit chart cluster ## Lint, types, import contracts, unit tests, tests on a real kube-apiserver

lint: $(STAMP) ## ruff, mypy --strict, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

unit: $(STAMP) ## Tests without a cluster
	$(PYTEST) tests/unit -q -n 2

chart: $(STAMP) ## Tests of the Helm chart, without a cluster
	$(PYTEST) tests/chart -q -n 2

cluster: $(STAMP) ## Tests on the embedded control plane, and what of the faults takes seconds
	$(CONTROL_PLANES) $(PYTEST) tests/cluster tests/faults -m 'not slow' -q -n 2

faults: $(STAMP) ## Everything that can go wrong around the operator, also what takes minutes
	$(CONTROL_PLANES) $(PYTEST) tests/faults -q

bench: $(STAMP) ## Every benchmark, one after the other, half an hour (GATE=1: fails where a goal is missed)
	$(BIN)/python -m bench all $(if $(GATE),--gate)

bench-%: $(STAMP) ## One: start, workloads, projects, quota, silence, fairness, admission, reconcile, failover, pair, grants, bindings
	$(BIN)/python -m bench $* $(if $(GATE),--gate)

crds: $(STAMP) ## Write crds/ from controllers/drover/api, and what the chart repeats of other files
	$(BIN)/python -m drover.api
	$(BIN)/python -m drover.dev.chart

kustomize: $(STAMP) ## Write what deploy/kustomize has of the chart
	$(BIN)/python -m drover.dev.kustomize

format: $(STAMP) ## Format the code
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format --quiet .

lock: ## Pin every dependency, with hashes, in requirements.lock and for the image in requirements-runtime.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra dev --generate-hashes --no-header --no-annotate -o requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --constraint requirements.lock --generate-hashes --no-header --no-annotate -o requirements-runtime.lock pyproject.toml
