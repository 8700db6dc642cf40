.DEFAULT_GOAL := help
.PHONY: help setup browser demo test test-slow screenshots check docs bench bench-gas clean

# A Python that fits, unless PYTHON names one.
PYTHON ?= $(shell for p in python3.11 python3.12 python3; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' 2>/dev/null && { echo $$p; break; }; done)
ROOT := $(dir $(abspath $(lastword $(MAKEFILE_LIST))))
VENV := $(ROOT).venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# The auditing tools need other versions of what the contracts' Python code uses.
AUDIT := $(ROOT).venv-audit
# Test files are shared out to the cores, four at most: each process holds its own compiled kernels.
PYTEST := $(BIN)/python -m pytest -q -n auto --maxprocesses 4 --dist loadfile
FOLDERS := market chain envs agents evaluate train cli
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install -qq -c $(ROOT)constraints.txt

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(ROOT)Makefile

setup: $(READY) ## Make .venv with everything in it (a second call does nothing)

$(READY): $(ROOT)pyproject.toml $(ROOT)constraints.txt
	@test -n "$(PYTHON)" || { echo "gridbid needs Python 3.11 or 3.12: neither python3.11 nor python3.12 was found"; exit 1; }
	@echo "Setting up in .venv with $(PYTHON): a few minutes, once"
	@test -x $(BIN)/python || $(PYTHON) -m venv --clear $(VENV)
	@$(PIP) --upgrade "setuptools>=77" wheel
	@echo "  PyTorch (the largest part) ..." && $(PIP) torch
	@echo "  Ray, Numba, the chain and the rest ..." && $(PIP) -e "$(ROOT)[all,dev]"
	@mkdir -p $(ROOT)typings/gridbid && cd $(ROOT)typings/gridbid && for f in $(FOLDERS); do ln -sfn ../../$$f $$f; done
	@echo "  Compiling the kernels ..." && $(BIN)/gridbid bot run rule --scenario tiny --slots 2 --ledger memory > /dev/null
	@touch $@ && echo "Ready."

browser: ## Install Chromium, in which the report is tested, where there is none (Debian, Ubuntu)
	@command -v chromium > /dev/null || command -v chromium-browser > /dev/null || command -v google-chrome > /dev/null \
		|| { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends chromium; }

demo: setup ## Train, evaluate, deploy and trade: the whole story in about six minutes
	@cd $(ROOT) && $(BIN)/gridbid demo

test: setup ## Run the tests
	@cd $(ROOT) && $(PYTEST)

test-slow: setup ## Run the long tests as well
	@cd $(ROOT) && $(PYTEST) -m "slow or not slow"

screenshots: setup ## Keep pictures of the report in light and dark, on paper and on a phone
	@cd $(ROOT) && GRIDBID_SCREENSHOTS=runs/screenshots $(BIN)/python -m pytest -q tests/evaluate/report/test_report_browser.py

check: setup ## Lint, format, types, layers, contract artifacts and clients
	@cd $(ROOT) && $(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy \
		&& $(BIN)/lint-imports && $(BIN)/python -m gridbid.chain.compilation.compile --check \
		&& $(BIN)/python -m gridbid.chain.compilation.generate_clients --check

audit: setup $(AUDIT)/.ready ## Look for faults in the contracts: slither, halmos, long runs of forge
	@cd $(ROOT) && PATH=$(AUDIT)/bin:$$PATH $(BIN)/python tests/solidity/audit.py

$(AUDIT)/.ready: $(ROOT)audit-requirements.txt
	@$(BIN)/python -m venv --clear $(AUDIT) && $(AUDIT)/bin/python -m pip install -qq --disable-pip-version-check -r $<
	@touch $@

coverage-solidity: setup ## Measure which lines and branches of the contracts their tests reach
	@cd $(ROOT) && $(BIN)/python tests/solidity/forge.py coverage --ir-minimum --report summary \
		--no-match-coverage '(node_modules|tests)/'

docs: setup ## Write the pages that are made of the code
	@cd $(ROOT) && $(BIN)/python -m gridbid.envs.documentation && $(BIN)/python -m gridbid.envs.traces.documentation \
		&& $(BIN)/python -m gridbid.evaluate.kpis.documentation && $(BIN)/python docs/api_reference.py && $(BIN)/python docs/gas_page.py \
		&& $(BIN)/python -m gridbid.evaluate.reproduce.benchmark

bench: setup ## Measure against yardsticks run beside it
	@cd $(ROOT) && $(BIN)/gridbid bench core

bench-gas: setup ## Measure what the contracts' actions cost, on a real node, and keep it in chain/gas.json
	@cd $(ROOT) && $(BIN)/python -m gridbid.chain.gas_bench

clean: ## Remove what was made: .venv, runs, caches
	@cd $(ROOT) && rm -rf .venv .venv-audit typings runs build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache \
		&& find . -name __pycache__ -type d -prune -exec rm -rf {} +
