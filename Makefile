# Needs make and Python >= 3.11 with venv (Debian: make python3 python3-venv); everything else goes into .venv.

BIN := .venv/bin

# These import Locust and must not share an interpreter with the others: Locust patches its own. The watch on gevent's hub
# comes first, as Locust's runners leave greenlets behind.
APART := tests/loopback tests/plugin
# These start processes, each file with ports of its own.
PROCESSES := tests/e2e
# Playwright keeps an event loop running in its interpreter; skipped with the reason where there is no Chromium.
BROWSER := tests/browser

.PHONY: help run test check bench bench-full screenshots lock clean

help:
	@echo "make run         a swarm of 20 stations against the embedded CSMS, web UI on http://localhost:8089"
	@echo "make test        all tests"
	@echo "make check       format, lint, types, the rooms' one-way rule, ceilings, coverage floors"
	@echo "make bench       the quick benchmarks"
	@echo "make bench-full  all benchmarks"
	@echo "make screenshots the dashboard's pictures in docs/images, taken of a running swarm"
	@echo "make lock        pin the versions in requirements*.txt after a change of pyproject.toml"
	@echo "make clean       remove .venv and all caches"

run: .venv/.run
	exec $(BIN)/locust --autostart -u 20 -r 5 --time-scale 10 --station-profile default:6,busy:3,flaky:1

test: .venv/.dev
	$(BIN)/python -m pytest -n 2 $(addprefix --ignore=,$(APART) $(PROCESSES) $(BROWSER))
	$(BIN)/python -m pytest $(APART)
	$(BIN)/python -m pytest -n 2 --dist loadfile $(PROCESSES)
	$(BIN)/python -m pytest -n 2 --dist loadfile $(BROWSER)

check: .venv/.dev
	exec $(BIN)/python scripts/check.py

bench: .venv/.dev
	exec $(BIN)/python -m benchmarks

bench-full: .venv/.dev
	exec $(BIN)/python -m benchmarks --full

screenshots: .venv/.dev
	exec $(BIN)/python scripts/screenshots.py

lock: .venv/.dev
	scripts/lock.sh

clean:
	rm -rf .venv .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	rm -rf build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.run: requirements.txt
	@scripts/venv.sh requirements.txt
	@touch $@

.venv/.dev: requirements-dev.txt
	@scripts/venv.sh requirements-dev.txt
	@touch $@
