PYTHON ?= python3
IN = .venv/bin
SIZES ?= 1,100,1000

.PHONY: help install run test bench bench-scale storm lint lock sbom audit

help:
	@echo "make run    everything, with a demo clinic, on PORT (8000); Ctrl-C stops it"
	@echo "make test   lint, contracts, migrations and all tests, as CI runs them"
	@echo "make bench  the benchmarks, each against its baseline"
	@echo "make bench-scale  a turn and a page beside 1, 100 and 1,000 clinics; SIZES=1,100 for a short one"
	@echo "make storm  10,000 announcements under faults, a quarter of an hour, and what became of each promise"
	@echo "make lint   ruff and the import contracts;  make lock  requirements.txt from pyproject.toml"
	@echo "make sbom   what it is made of, with licences;  make audit  known holes of the pinned packages"

install:
	@$(PYTHON) cliniqai/embedded/bootstrap.py

run: install
	@exec $(IN)/python -m cliniqai.embedded.run

lint: install
	$(IN)/ruff check .
	$(IN)/ruff format --check .
	$(IN)/lint-imports

test: install
	@PATH="$(CURDIR)/$(IN):$$PATH" .ci/steps

bench: install
	$(IN)/python -m tests.bench

bench-scale: install
	$(IN)/python -m tests.bench scale $(SIZES)

storm: install
	$(IN)/python -m tests.storm

lock: install
	$(IN)/python -m cliniqai.embedded.lock --upgrade

sbom: install
	$(IN)/python -m cliniqai.embedded.inventory

audit: install
	@PATH="$(CURDIR)/$(IN):$$PATH" .ci/audit
