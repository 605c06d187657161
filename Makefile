# Every target sets up by itself what it needs, from a clean checkout. `make` alone lists them.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PIP_RUNTIME := requirements/runtime.txt requirements/development.txt
SETUP := tools/make_venv.py tools/system_libraries.py pyproject.toml setup.py
STUBS := .cache/types/4.5/.ready .cache/types/5.0/.ready
PYTEST := -m pytest -ra

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-core test-blender test-gui pictures bench zip try-zip lint format clean

help: ## list what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "make %-10s %s\n", $$1, $$2}'

setup: .venv/.ready ## set up .venv: Blender 4.5 as a Python module, torch and the rest, all pinned

.venv/.ready: $(PIP_RUNTIME) requirements/blender-4.5.txt $(SETUP)
	$(PYTHON) tools/make_venv.py .venv $(PIP_RUNTIME) requirements/blender-4.5.txt

.venv-5.0/.ready: $(PIP_RUNTIME) requirements/blender-5.0.txt $(SETUP)
	$(PYTHON) tools/make_venv.py .venv-5.0 $(PIP_RUNTIME) requirements/blender-5.0.txt

# A small environment for each version's stubs: mypy reads stub packages, and is silent about them, only there.
.cache/types/%/.ready: requirements/types-%.txt | .venv/.ready
	rm -rf $(@D)
	.venv/bin/python -m venv --without-pip $(@D)
	.venv/bin/python -m pip --disable-pip-version-check --python $(@D)/bin/python install --quiet -r $<
	cd .venv/lib/python3.11/site-packages && pwd > ../../../../$(@D)/lib/python3.11/site-packages/headroom.pth
	touch $@

# What a user types goes through the environment, as it is: quotes, apostrophes and dollars stay what they are.
demo: export HEADROOM_AUDIO := $(or $(value AUDIO),docs/demo/line.flac)
demo: export HEADROOM_TEXT := $(if $(value AUDIO),$(value TEXT),docs/demo/line.txt)
demo: .venv/.ready ## a talking head in out/: make demo [AUDIO=path.wav] [TEXT="what is said"]
	@.venv/bin/headroom demo --audio="$$HEADROOM_AUDIO" --text="$$HEADROOM_TEXT"

test: test-core test-blender ## all tests but those of the window: plain Python, then Blender 4.5 and 5.0

test-core: .venv/.ready
	.venv/bin/python $(PYTEST) tests/core

test-blender: .venv/.ready .venv-5.0/.ready
	@mkdir -p out; .venv-5.0/bin/python $(PYTEST) tests/blender >out/blender-5.0.log 2>&1 & newest=$$!; \
	.venv/bin/python $(PYTEST) tests/blender; failed=$$?; \
	wait $$newest || failed=1; cat out/blender-5.0.log; exit $$failed

test-gui: .venv/.ready ## press the buttons in real Blender windows, 4.3 and 5.2 at once (Linux, root); pictures in out/gui/
	@mkdir -p out/gui; for suite in trixie sid; do tools/gui/chroot.sh $$suite >/dev/null || exit 1; done; \
	SUITES=sid .venv/bin/python $(PYTEST) tests/gui >out/gui/sid.log 2>&1 & newest=$$!; \
	SUITES=trixie .venv/bin/python $(PYTEST) tests/gui; failed=$$?; \
	wait $$newest || failed=1; cat out/gui/sid.log; exit $$failed

pictures: .venv/.ready ## walk the tutorials in a window and keep their pictures in docs/images/tutorials/
	SUITES=sid HEADROOM_PICTURES=1 .venv/bin/python $(PYTEST) tests/gui/test_tutorials.py

bench: .venv/.ready ## measure speed and memory beside peers: out/bench.json and a table
	.venv/bin/python -m headroom.benchmarks

zip: .venv/.ready ## the extension with all its libraries, a zip for each system and Python, in out/; WHEELS=folder adds wheels
	.venv/bin/python tools/packages.py out $(if $(WHEELS),--wheels "$(WHEELS)")

try-zip: zip ## install the Linux zip into a Blender that has nothing else, without a network, and use it
	.venv/bin/python tools/try_package.py out/headroom-*-linux-x64-py311.zip

lint: .venv/.ready $(STUBS) ## ruff, and mypy against two versions of Blender
	@failed=; \
	.venv/bin/ruff check --output-format=concise . || failed=1; \
	.venv/bin/ruff format --check --output-format=concise . || failed=1; \
	for version in 4.5 5.0; do .venv/bin/python tools/check_types.py $$version || failed=1; done; \
	test -z "$$failed"

format: .venv/.ready ## let ruff format and sort
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

clean: ## remove what was made; the environments and Blender systems stay
	rm -rf out build headroom.egg-info .pytest_cache .ruff_cache .mypy_cache
	find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +
