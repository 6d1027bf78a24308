# The two commands are `make demo` and `make test`; each installs first what is missing (scripts/install.sh).

.PHONY: demo test check anyday anyday-sample test-loaded lint ready ruff mypy imports pytest format bench mutants accidents address fuzz hostile visitors faults ime openapi docs pkits messages lock clean
.DEFAULT_GOAL := demo

bin := .venv/bin

# pytest keeps the modules that it rewrites: without, each run does it anew.
unexport PYTHONDONTWRITEBYTECODE

# The whole program with demo cards and its own server; ARGS="--plain" and the like are passed on.
demo:
	@scripts/install.sh demo
	@scripts/utf8.sh $(bin)/ebid-tui demo $(ARGS)

# Everything that is checked before a change lands. ARGS="tests/domain -k width" narrows the tests.
test:
	@$(beside) $(checks) pytest || { $(again); exit 1; }
	@[ -n "$(ARGS)" ] || $(MAKE) --no-print-directory anyday-sample

# For every commit, in about a minute: what needs no running app, server, reader, terminal or other program.
check:
	@$(beside) $(checks) pytest paths="$(quick)" || { $(again); exit 1; }

quick := tests/domain tests/flows tests/forms tests/plain tests/assist tests/test_drafts.py tests/test_project.py tests/test_rules_table.py \
	tests/terminal/test_screen_updates.py tests/widgets/test_clock.py tests/widgets/test_ink.py tests/widgets/test_key_bar.py \
	tests/widgets/test_sheet.py

# The tests alone, beside four busy processes and in random order. SEED=123 takes an order again.
test-loaded: ready
	@scripts/loaded.sh scripts/utf8.sh $(bin)/pytest -q -n 4 $(ARGS)

lint:
	@$(beside) $(checks)

# Side by side, and each to its end; Ctrl+C ends all. What a check says is shown where it fails, and again when pytest has ended.
checks := ruff mypy imports
beside := $(MAKE) --no-print-directory --silent --keep-going --jobs=4
shown = >.venv/$@.log 2>&1 || { cat .venv/$@.log; exit 1; }; echo "test: $@"; rm .venv/$@.log
again = for check in $(checks); do cat .venv/$$check.log 2>/dev/null; done

ready:
	@scripts/install.sh test

ruff: ready
	@{ $(bin)/ruff check --quiet . && { $(bin)/ruff format --check --quiet . || { echo "run make format"; false; }; }; } $(shown)

mypy: ready
	@$(bin)/mypy --no-error-summary $(shown)

imports: ready
	@$(bin)/lint-imports --no-logo $(shown)

# More workers than cores: many tests wait for readers, for silence, for a daemon.
pytest: ready
	@echo "test: pytest"
	@MAKEFLAGS= scripts/utf8.sh $(bin)/pytest -q -n 5 $(paths) $(ARGS)

format: ready
	@$(bin)/ruff check --fix --quiet . ; $(bin)/ruff format --quiet .

# The suite at six other times and in three zones (tests/anyday); ARGS="--date leap-day --suite server" narrows it.
anyday: ready
	@scripts/utf8.sh $(bin)/python -m tests.anyday $(ARGS)

# A selection at two of them; `make test` ends with it.
anyday-sample: ready
	@scripts/utf8.sh $(bin)/python -m tests.anyday --sample $(ARGS)

# Ratios measured in one run; kept apart because they want the machine for themselves. STRICT=1 makes an error of a goal that is missed.
bench: ready
	@STRICT=$(STRICT) scripts/utf8.sh $(bin)/pytest -n 0 -s tests/benchmarks $(ARGS)

# 60 lines of what decides, spoilt one at a time: the tests have to notice all but 3. SEED= chooses the lines (else today's date), ONLY="server/pki/*.py" where from.
mutants: ready
	@ONLY="$(ONLY)" SEED=$(SEED) ALLOW=$(ALLOW) SAMPLE=$(SAMPLE) scripts/utf8.sh $(bin)/python -m tests.mutants.sample

# Every accident at every APDU of every flow (3,404 cases, some minutes); `make test` takes a sixth of them.
accidents: ready
	@ACCIDENTS=all scripts/utf8.sh $(bin)/pytest -q -n 2 tests/accidents $(ARGS)

# 2,000 visitors of a kiosk with accidents (20 minutes), and what is left of one in memory however the visit ends; `make test` has a few.
visitors: ready
	@KIOSK_TRACES=all scripts/utf8.sh $(bin)/pytest -q -n 0 tests/traces/test_kiosk.py
	@scripts/utf8.sh $(bin)/python -m tests.kiosk.visitors $${VISITORS:-2000}

# Mutated certificates, card answers, module frames and statements for some minutes; `make test` tries 150 of each.
fuzz: ready
	@FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-20000} FUZZ_PROFILES=$${FUZZ_PROFILES:-5000} scripts/utf8.sh $(bin)/pytest -q -n 2 -o timeout=7200 tests/fuzz tests/e2e/test_random_profiles.py $(ARGS)

# Every hostile text in every string of every answer and request, and every forgery, with the figures in docs/security.md (minutes); `make test` has a sample.
hostile: ready
	@rm -f .venv/hostile.figures
	@HOSTILE=all HOSTILE_FIGURES=$(CURDIR)/.venv/hostile.figures scripts/utf8.sh $(bin)/pytest -q -n 2 -o timeout=1800 tests/hostile $(ARGS)
	@[ -n "$(ARGS)" ] || $(bin)/python -m tests.hostile.figures --write .venv/hostile.figures

# Japanese composed by uim-fep and anthy through a whole registration, every screen the same when painted anew; by fcitx5 in a VTE terminal
# and xterm (some minutes). `make test` has a sample of the first.
ime: ready
	@scripts/desktop.sh
	@IME=all scripts/utf8.sh $(bin)/pytest -q -n 0 tests/ime $(ARGS)

# NIST's test suite on the server's path validation; writes the table in docs/pki.md.
pkits: ready
	@$(bin)/python -m tests.server.pki.pkits

# The server killed 200 times, half on SQLite and half on PostgreSQL; `make test` does it 20 times.
faults: ready
	@FAULT_KILLS=100 scripts/utf8.sh $(bin)/pytest -n 0 -s tests/server/running/test_kills.py $(ARGS)

# Every postal code to its addresses and back, in the ways in which people write them; writes the figures in docs/addresses.md (minutes).
address: ready
	@scripts/utf8.sh $(bin)/python -m tests.assist.every_code

# Writes docs/openapi.json anew.
openapi:
	@scripts/install.sh demo
	@scripts/utf8.sh $(bin)/python -m scripts.openapi >docs/openapi.json.new && mv docs/openapi.json.new docs/openapi.json

# Writes docs/architecture.dot from the imports, and draws it where Graphviz is installed.
docs: ready
	@$(bin)/python scripts/architecture.py

# Brings the English catalogue in line with the sentences, compiles it, names what is missing. ARGS="--fill FILE" puts translations in.
messages: ready
	@scripts/utf8.sh $(bin)/python scripts/messages.py $(ARGS)

# Writes requirements/*.txt anew; ARGS=--upgrade takes newer versions.
lock:
	@scripts/lock.sh $(ARGS)

clean:
	rm -rf .venv build dist *.egg-info .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache snapshot_report.html
	find ebid_tui tests -name __pycache__ -prune -exec rm -rf {} +
