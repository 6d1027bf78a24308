# The two commands are `make demo` and `make test`; each installs first what is missing (scripts/install.sh).

.PHONY: demo test anyday anyday-sample lint format bench accidents fuzz visitors faults openapi pkits messages lock clean
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
	@[ -n "$(ARGS)" ] || $(MAKE) --no-print-directory anyday-sample

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

# The suite at six other times and in three zones (tests/anyday); ARGS="--date leap-day --suite server" narrows it.
anyday:
	@scripts/install.sh test
	@scripts/utf8.sh $(bin)/python -m tests.anyday $(ARGS)

# A selection at two of them; `make test` ends with it.
anyday-sample:
	@scripts/install.sh test
	@scripts/utf8.sh $(bin)/python -m tests.anyday --sample $(ARGS)

# Ratios measured in one run; kept apart because they want the machine for themselves.
bench:
	@scripts/install.sh test
	@scripts/utf8.sh $(bin)/pytest -n 0 -s tests/benchmarks $(ARGS)

# Every accident at every APDU of every flow (5 minutes); `make test` takes a quarter of them.
accidents:
	@scripts/install.sh test
	@ACCIDENTS=all scripts/utf8.sh $(bin)/pytest -q -n 2 tests/accidents $(ARGS)

# 2,000 visitors of a kiosk with accidents (20 minutes), and what is left of one in memory however the visit ends; `make test` has a few.
visitors:
	@scripts/install.sh test
	@KIOSK_TRACES=all scripts/utf8.sh $(bin)/pytest -q -n 0 tests/traces/test_kiosk.py
	@scripts/utf8.sh $(bin)/python -m tests.kiosk.visitors $${VISITORS:-2000}

# Mutated certificates, card answers, module frames and statements for some minutes; `make test` tries 150 of each.
fuzz:
	@scripts/install.sh test
	@FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-20000} scripts/utf8.sh $(bin)/pytest -q -n 2 -o timeout=1800 tests/fuzz $(ARGS)

# NIST's test suite on the server's path validation; writes the table in docs/pki.md.
pkits:
	@scripts/install.sh test
	@$(bin)/python -m tests.server.pki.pkits

# The server killed 200 times, half on SQLite and half on PostgreSQL; `make test` does it 20 times.
faults:
	@scripts/install.sh test
	@FAULT_KILLS=100 scripts/utf8.sh $(bin)/pytest -n 0 -s tests/server/test_kills.py $(ARGS)

# Writes docs/openapi.json anew.
openapi:
	@scripts/install.sh demo
	@scripts/utf8.sh $(bin)/python -m ebid_tui.server.describing >docs/openapi.json.new && mv docs/openapi.json.new docs/openapi.json

# Brings the English catalogue in line with the sentences, compiles it, names what is missing. ARGS="--fill FILE" puts translations in.
messages:
	@scripts/install.sh test
	@scripts/utf8.sh $(bin)/python scripts/messages.py $(ARGS)

# Writes requirements/*.txt anew; ARGS=--upgrade takes newer versions.
lock:
	@scripts/lock.sh $(ARGS)

clean:
	rm -rf .venv build dist *.egg-info .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache snapshot_report.html
	find ebid_tui tests -name __pycache__ -prune -exec rm -rf {} +
