# Everything a person or CI runs here. Needs Python 3.11 or newer with venv, and make; all else is fetched by package name.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
WEB_SOURCES := $(shell find api/web -not -path '*/node_modules*' -not -path '*/dist*' -type f 2>/dev/null)

.PHONY: help setup up test lint bench fix openapi lock clean

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.ready api/web/dist/index.html ## Prepare: .venv/bin/diemcau works afterwards

up: setup ## Start the whole system with a demo province, and print the address and the logins
	@exec $(BIN)/diemcau up --seed demo

test: .venv/.ready-for-tests api/web/dist/index.html ## Run every test on real servers, ffmpeg and Chromium
	@$(BIN)/python tests/machine.py
	@exec $(BIN)/pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: .venv/.ready-for-tests api/web/dist/index.html ## Check style, types, import directions and the web UI
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python deploy/web_build.py lint

bench: .venv/.ready-for-bench api/web/dist/index.html ## Measure, side by side with a bound (ONLY=name for one)
	@$(BIN)/python tests/machine.py
	@exec $(BIN)/python -m tests.benchmarks $(ONLY)

fix: .venv/.ready-for-tests ## Put the Python files into their one style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

openapi: .venv/.ready-for-tests ## Write the HTTP contract and the types that the web UI takes from it
	$(BIN)/diemcau openapi > tests/openapi.json
	$(BIN)/python deploy/web_build.py types

lock: ## Choose versions anew within pyproject.toml's bounds (needs uv on PATH)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --upgrade --quiet \
	  --extra embedded --extra demo --extra build pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --upgrade --quiet \
	  --extra embedded --extra demo --extra build --extra dev pyproject.toml -c requirements.lock -o tests/requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --upgrade --quiet \
	  --extra embedded --extra demo --extra build --extra dev --extra bench pyproject.toml -c tests/requirements.lock \
	  -o tests/benchmarks/requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --upgrade --quiet \
	  tests/lrs/requirements.in -o tests/lrs/requirements.lock

clean: ## Remove what was built here, but no data
	rm -rf .venv api/web/node_modules api/web/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Diem Cau needs Python 3.11 or newer; set PYTHON=python3.11, say. / Cần Python 3.11 trở lên."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv is missing: install the package python3-venv. / Thiếu venv: hãy cài gói python3-venv."; exit 1; }
	@echo "Preparing Python packages / Đang chuẩn bị các gói Python …"
	@$(PYTHON) -m venv .venv

.venv/.ready: .venv/bin/python requirements.lock pyproject.toml
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

.venv/.ready-for-tests: .venv/.ready .venv/lrs/.ready tests/requirements.lock
	@echo "Preparing test packages / Đang chuẩn bị các gói kiểm thử …"
	@$(PIP) install --require-hashes -r tests/requirements.lock
	@touch $@

# It wants older versions of what we use, so it lives by itself.
.venv/lrs/.ready: .venv/bin/python tests/lrs/requirements.lock
	@echo "Preparing a learning record store for tests / Đang chuẩn bị kho xAPI để kiểm thử …"
	@$(PYTHON) -m venv .venv/lrs
	@.venv/lrs/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r tests/lrs/requirements.lock
	@touch $@

.venv/.ready-for-bench: .venv/.ready-for-tests tests/benchmarks/requirements.lock
	@echo "Preparing benchmark packages (needs a C compiler) / Đang chuẩn bị các gói đo (cần trình biên dịch C) …"
	@$(PIP) install --require-hashes -r tests/benchmarks/requirements.lock
	@touch $@

api/web/dist/index.html: .venv/.ready $(WEB_SOURCES)
	@echo "Building the web pages / Đang dựng giao diện web …"
	@$(BIN)/python deploy/web_build.py build
	@touch $@
