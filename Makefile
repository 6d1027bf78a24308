# The two commands are `make demo` and `make test`; each installs first what is missing (scripts/install.sh).

.PHONY: demo test lint format bench lock clean
.DEFAULT_GOAL := demo

bin := .venv/bin

# The whole program with demo cards and its own server; ARGS="--plain" and the like are passed on.
demo:
	@scripts/install.sh demo
	@scripts/utf8.sh $(bin)/ebid-tui demo $(ARGS)

# Everything that is checked before a change lands. ARGS="tests/domain -k width" narrows the tests.
test: lint
	@echo "test: pytest"
	@scripts/utf8.sh $(bin)/pytest -q -n 2 $(ARGS)

lint:
	@scripts/install.sh test
	@echo "test: ruff"
	@$(bin)/ruff check --quiet .
	@$(bin)/ruff format --check --quiet . || { echo "run make format" >&2; exit 1; }
	@echo "test: mypy"
	@$(bin)/mypy --no-error-summary
	@echo "test: import-linter"
	@$(bin)/lint-imports --no-logo >.venv/imports.log || { cat .venv/imports.log; exit 1; }

format:
	@scripts/install.sh test
	@$(bin)/ruff check --fix --quiet . ; $(bin)/ruff format --quiet .

# Ratios measured in one run; kept apart because they want the machine for themselves.
bench:
	@scripts/install.sh test
	@scripts/utf8.sh $(bin)/pytest -n 0 -s tests/benchmarks $(ARGS)

# Writes requirements/*.txt anew; ARGS=--upgrade takes newer versions.
lock:
	@scripts/lock.sh $(ARGS)

clean:
	rm -rf .venv build dist *.egg-info .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache snapshot_report.html
	find ebid_tui tests -name __pycache__ -prune -exec rm -rf {} +
