# Every target makes what it needs first; `make demo` and `make test` are all a newcomer needs.
.PHONY: setup demo test lint bench docs golden lock clean
PYTHON ?= python3
BIN := .venv/bin

setup: .venv/locked

# Rebuilt only when the lock or the packaging changes, so a second `make demo` starts at once.
.venv/locked: requirements.txt pyproject.toml scripts/make-environment
	@sh scripts/make-environment "$(PYTHON)"

demo: setup
	@$(BIN)/digest demo

test: setup
	@$(BIN)/pytest

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

# Renews the expected letters; read the difference before committing it.
golden: setup
	@$(BIN)/pytest tests/golden --renew-golden

clean:
	rm -rf .venv var
