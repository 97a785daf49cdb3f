# `make demo` shows it, `make test` tests it; both make what they need. On Debian or Ubuntu: python3 (3.11 or newer) and make.
PY := .venv/bin/python
# What was compiled is kept, also where the environment asks for no such files beside the sources: compiling is most of
# what it takes to start a process of ours, and the tests start many.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/var/pycache
CHECKS := format lint types contracts migrations templates scripts words dependencies lock-is-current
# Every program in infra/bench is a target: bench_export.py and export.py are both bench-export.
BENCHES := $(shell grep -ls '__name__ == "__main__"' infra/bench/*.py)
bench = bench-$(subst _,-,$(patsubst bench_%,%,$(basename $(notdir $(1)))))

.PHONY: bench soak help env demo serve test check fix $(CHECKS) e2e-deps lock catalogs oracles turk-clients api-oracles audit pictures $(foreach file,$(BENCHES),$(call bench,$(file)))
.SILENT:

help:
	echo "make demo      the whole system with a simulated crowd, on http://127.0.0.1:8000 (PORT=8001; SERVE=0: run and exit)"
	echo "make test      every test (ARGS='tests/kinds -k number' for some)"
	echo "make serve     web, worker and scheduler on your own data (PORT=8001)"
	echo "make check     $(CHECKS); each is a target too"
	echo "make fix       what format, lint and templates can mend themselves"
	echo "make e2e-deps  a Chromium for the browser tests"
	echo "make lock      requirements.lock from pyproject.toml (ARGS=--upgrade)"
	echo "make bench     what a cycle, an import, an export and idleness cost (ARGS='cycles export' for some)"
	echo "make soak      an unruly crowd while everything is killed; then every promise is asked for (MINUTES=10)"
	echo "               ARGS=--market: our channel against our own service, over a wire that lies, killed 500 times"
	echo "               ARGS=--every-line: the same two, killed at each line of each operation (MINUTES=30 at most)"
	echo "make pictures  every page of every role, light and dark, on a desk and a phone, in var/pictures (ARGS='finance-* task')"
	echo "make catalogs  the catalogs of translations, brought up to what the code says; names what is missing"
	echo "make oracles   other implementations, for the tests that compare with them"
	echo "make turk-clients  the AWS command line and a third-party tool, for the tests of the MTurk service"
	echo "make api-oracles   schemathesis and the published webhook library, for the tests of the API"
	echo "make audit     known holes of what requirements.lock pins, where an advisory service can be reached"
	echo "make env       only the environment, .venv"
	$(foreach file,$(BENCHES),echo "make $(call bench,$(file))";)

env:
	infra/bootstrap/make-env

demo: env
	$(PY) manage.py demo $(if $(PORT),--port $(PORT)) $(if $(filter 0,$(SERVE)),--no-serve)

serve: env
	$(PY) manage.py serve $(if $(PORT),--port $(PORT))

# axe-core comes from npm: without it the tests of accessibility say loudly that they were not run.
test: env
	$(MAKE) --no-print-directory infra/web/node_modules/made || true
	$(PY) -m pytest $(or $(ARGS),-n 3 --dist worksteal)

# Side by side, each one's words together, all of them even when one fails.
check: env
	$(MAKE) --no-print-directory --jobs=$$(nproc) --keep-going --output-sync=target $(CHECKS)
	echo "all checks passed"

format: env
	$(PY) -m ruff format --check --quiet . || { echo "not formatted: run \`make fix\`"; exit 1; }

lint: env
	$(PY) -m ruff check --quiet .

types: env
	$(PY) -m mypy --no-error-summary

contracts: env
	.venv/bin/lint-imports --no-logo > var/contracts.txt || { cat var/contracts.txt; exit 1; }

# A database in memory: whether the models have all their migrations needs none, and none is started.
migrations: env
	DATABASE_URL=sqlite://:memory: $(PY) manage.py makemigrations --check --dry-run --verbosity 1 > var/migrations.txt || { cat var/migrations.txt; exit 1; }

templates: env
	git ls-files '*/templates/*.html' | xargs --no-run-if-empty $(PY) -m djhtml --check --tabwidth 2

words: env
	.venv/bin/codespell

dependencies: env
	$(PY) -m deptry . --no-ansi 2> var/dependencies.txt || { cat var/dependencies.txt; exit 1; }

lock-is-current: env
	$(PY) -B infra/bootstrap/lock.py --check

scripts: infra/web/node_modules/made
	cd infra/web && PATH="$$(../bootstrap/find-node):$$PATH" && npm run --silent lint && npm run --silent types && npm run --silent test

infra/web/node_modules/made: infra/web/package-lock.json | env
	cd infra/web && PATH="$$(../bootstrap/find-node):$$PATH" && npm ci --silent --no-audit --no-fund
	touch $@

fix: env
	$(PY) -m ruff check --quiet --fix . ; $(PY) -m ruff format --quiet .
	git ls-files '*/templates/*.html' | xargs --no-run-if-empty $(PY) -m djhtml --tabwidth 2
	cd infra/web && PATH="$$(../bootstrap/find-node):$$PATH" && npm run --silent format

e2e-deps: env
	infra/bootstrap/get-chromium

pictures: env
	$(PY) -m infra.pictures $(or $(FOLDER),var/pictures) $(ARGS)

catalogs: env
	DATABASE_URL=sqlite://:memory: $(PY) -m infra.catalogs

lock:
	$$(infra/bootstrap/find-python) -B infra/bootstrap/lock.py $(ARGS)
	$(MAKE) --no-print-directory env

oracles: env
	$(PY) infra/oracles/build.py

api-oracles: env
	$(PY) infra/oracles/build.py api_oracles

audit: api-oracles
	infra/oracles/audit

turk-clients: env
	$(PY) infra/oracles/build.py turk_clients

bench: env
	$(PY) -m infra.speed $(ARGS)

soak: env
	$(PY) -m infra.soak $(if $(MINUTES),--minutes $(MINUTES)) $(ARGS)

define run_bench
$(call bench,$(1)): env
	$(PY) $(1) $$(ARGS)
endef
$(foreach file,$(BENCHES),$(eval $(call run_bench,$(file))))
