# Every target makes what it needs first; `make demo` and `make test` are all a newcomer needs.
.PHONY: setup demo test lint validators faults bench docs golden lock clean
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

# html-validate and axe-core, from npm, for the tests of golden letters that are skipped without them.
validators: .cache/validators/node_modules/.package-lock.json

.cache/validators/node_modules/.package-lock.json: tests/validators/package.json tests/validators/package-lock.json
	@mkdir -p .cache/validators && cp tests/validators/package.json tests/validators/package-lock.json .cache/validators/
	@npm ci --prefix .cache/validators --ignore-scripts --no-audit --no-fund --silent

# The whole fault matrix, a thousand kills and a year of mornings included: about an hour. `make test` runs a reduced number.
faults: setup
	@DIGEST_FAULTS=full $(BIN)/pytest tests/faults -n 2

# Renews the expected letters; read the difference before committing it.
golden: setup
	@$(BIN)/pytest tests/golden --renew-golden

# The figures. DATA is a folder of articles and feeds to measure on; bench/README.md says which.
bench: setup
	@sh bench/run "$(DATA)"

# The README's pictures: the demo's letter on a desktop, on a phone and in the dark.
docs: setup
	@$(BIN)/digest demo
	@$(BIN)/python scripts/screenshots var/demo/outbox/politics/*/letter.html docs/pictures/letter --height 1500

# Every package with its hashes, for every platform, and no index address.
lock:
	@$(PYTHON) -m venv .cache/lock && .cache/lock/bin/pip install --quiet uv
	@.cache/lock/bin/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --upgrade --quiet \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-header --output-file requirements.txt >/dev/null

clean:
	rm -rf .venv var
