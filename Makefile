# Two commands: `make up` starts everything, `make test` checks everything. PYTHON=python3.12 chooses another Python.
PYTHON ?= python3
RUN = .venv/bin/python

.PHONY: up down reset doctor check test test-needs

up:
	@$(PYTHON) titlelab/launching/environments.py
	@exec $(RUN) manage.py up

down:
	@$(RUN) manage.py down

reset:
	@$(RUN) manage.py reset $(if $(FORCE),--force)

doctor:
	@$(RUN) manage.py doctor

test-needs:
	@$(PYTHON) titlelab/launching/environments.py --with-tests
	@command -v chromium || command -v chromium-browser || command -v google-chrome || { \
		sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
		echo "Installing Chromium for the browser tests"; \
		$$sudo apt-get update -q && $$sudo apt-get install -qy --no-install-recommends chromium; }
	@{ command -v redis-server && { command -v initdb || ls /usr/lib/postgresql/*/bin/initdb; }; } >/dev/null 2>&1 || { \
		sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
		echo "Installing PostgreSQL and Redis for the test of the grown-up set-up"; \
		$$sudo apt-get update -q && $$sudo apt-get install -qy --no-install-recommends postgresql redis-server; }

check:
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy titlelab tasks ml_backend
	.venv/bin/lint-imports

test: test-needs check
	$(RUN) -m pytest -q tests/unit
	$(RUN) -m pytest -p tests.integration.places tests/integration tests/browser
	$(RUN) -m pytest -p tests.grown_up.places tests/grown_up
