# Everything a person types. Nothing needs to be installed before: `make run` and `make test` see to it themselves.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help install run test lint types rest fmt screenshots bench faults edits worlds farm triage airline lock clean

export HANDRAIL_STARTED := $(shell date +%s)
BOOTSTRAP := deploy/python.sh deploy/bootstrap.py
BIN := .venv/bin
CODE := audit config deploy orchestration reviews tests manage.py
# check --deploy looks at the settings alone: these stand for a real host, and open nothing.
PRODUCTION := HANDRAIL_HTTPS=yes HANDRAIL_HOSTS=handrail.example \
	HANDRAIL_SECRET_KEY=a-key-for-the-check-alone-0123456789-abcdefghijklmnopqrstuvwxyz

help: ## Say what can be typed
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 14

run: ## Start Handrail here (HANDRAIL_HOME chooses the data folder, PORT the port); Ctrl-C stops it
	@exec $(BOOTSTRAP) manage.py up

install: ## Only install what the lock holds, into .venv
	@$(BOOTSTRAP)

# One that fails is run once more, and told at the end: browsers, killed workers and two busy cores have their moods.
test: install lint ## Check everything and run the tests
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --reruns 1 $(ARGS); code=$$?; \
	echo "make test took $$(( $$(date +%s) - $(HANDRAIL_STARTED) )) s"; exit $$code

lint: install ## Style, types, import contracts, templates, migrations, production settings
	@$(MAKE) --no-print-directory -j 2 types rest

# The types take as long as all the rest: each has a core.
types:
	$(BIN)/mypy

rest:
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING

fmt: install ## Put the style right
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

screenshots: install ## Every page, light and dark, wide and narrow, into screenshots/
	$(BIN)/python -m tests.e2e.screenshots

bench: install ## Measure, and print the figures (ARGS="chain decisions" chooses)
	$(BIN)/python -m tests.bench $(ARGS)

faults: install ## Kill, stop and flush things at the full load, and print the figures
	$(BIN)/python -m pytest tests/faults --full $(ARGS)

edits: install ## 1,000 timed edits between approval and act, with real workers: what arrives is what was approved (ARGS=100)
	$(BIN)/python -m tests.edits $(ARGS)

worlds: install ## 1,000 simulated years of reviewers whose errors are known: the reports' intervals hold the truth (ARGS=100)
	$(BIN)/python -m tests.worlds $(ARGS)

farm: install ## Thousands of calls on a farm of models with real workers; fails where a promise is broken
	$(BIN)/python -m tests.farm $(ARGS)

triage: install ## Real questions to three models: figures by model, and whether the choice follows them
	$(BIN)/python -m tests.farm.triage $(ARGS)

airline: install ## A real model's 100 conversations with an airline, with real workers, killed too; FILE=... holds others
	$(BIN)/python -m tests.airline $(ARGS)

lock: install ## Renew requirements.lock from pyproject.toml
	.bootstrap/uv-*/bin/uv pip compile --quiet --generate-hashes --extra sample --extra dev --no-emit-index-url --universal \
		--python-version 3.12 --custom-compile-command "make lock" pyproject.toml -o requirements.lock

clean: ## Remove what was installed and made by tools; data folders stay
	rm -rf .venv .bootstrap .mypy_cache .ruff_cache .pytest_cache .import_linter_cache screenshots
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
