# Every command of a developer, and the two of a newcomer: make run, make test.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
# Every hub and kiosk that a test starts would compile all of the program anew.
unexport PYTHONDONTWRITEBYTECODE
# Their browser tests measure nothing or wait for long, and may run three at a time; the others run
# one after the other.
PAGES := tests/visiohub tests/kiosk/screen tests/e2e/call_page tests/e2e/story/test_story_before_call.py

.PHONY: help run test check unit e2e bench pictures soak lock build clean system-packages

help:            ## this list
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 18

.venv/.sealed: requirements/all.lock pyproject.toml package-lock.json build_tools/hatch_hook.py build_tools/environment.sh
	@PYTHON="$(PYTHON)" build_tools/environment.sh

build: .venv/.sealed   ## the environment: .venv, fonts, compiled texts
	@$(BIN)/python build_tools/assets.py

run: build             ## a running demo: hub on 127.0.0.1:8080, kiosk screen on 127.0.0.1:8090
	@$(BIN)/python build_tools/run_demo.py

system-packages:       ## the Debian packages that the tests need (asks apt-get when something lacks)
	@build_tools/system_packages.sh

test: system-packages build check unit e2e   ## everything that must hold, browsers included

check: build           ## style, types, layers
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

# A file's tests share a hub, and follow each other in it: they stay on one worker.
unit: build            ## the tests without browsers, namespaces and calls
	@$(BIN)/pytest -n 2 --dist loadfile --durations=15 -m "not browser and not root and not coturn and not sound and not realtime and not slow"

e2e: build             ## the tests with real browsers, TURN server, namespaces, calls in real time
	@$(BIN)/pytest -n 3 --dist loadfile -m "browser and not slow" $(PAGES)
	@$(BIN)/pytest --durations=15 -m "(browser or root or coturn or sound or realtime) and not slow" $(PAGES:%=--ignore=%)

bench: system-packages build   ## the benchmarks, each beside its peer, as a table
	@$(BIN)/python -m bench

pictures: system-packages build   ## a picture of every page and state, from the running program
	@$(BIN)/python -m docs.take_pictures

soak: system-packages build   ## the long tests: an 8 h call (SOAK_MINUTES=10: short), a million wrong packets, AV1 under load, cuts of 120 s, 50 rounds of each race
	@$(BIN)/pytest -m slow -s -o faulthandler_timeout=0

lock: build            ## write requirements/all.lock anew from pyproject.toml
	@$(BIN)/uv pip compile --quiet --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  --python-version 3.11 --extra hub --extra kiosk --extra bench --extra dev pyproject.toml -o requirements/all.lock

clean:                 ## forget everything that was built
	rm -rf .venv .run build dist node_modules visiohub/web/static/built kiosk/screen/static/built
