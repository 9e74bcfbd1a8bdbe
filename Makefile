# Two commands matter: `make demo` opens the app, `make test` checks everything. `make` alone lists all.
# Settings are variables: make demo PORT=8000 HOST=0.0.0.0; make train DATA=/data/prepared RUN=runs/mine

PORT ?= 7860
HOST ?= 127.0.0.1
PRESET ?= lite
DATA ?= data/drawn/prepared
RUN ?= runs/$(PRESET)
MINUTES ?= 30
BENCHES ?= prepare load train kernels generate demo painter web clients
PYTEST_ARGS ?=

python := .venv/bin/python
# Whole files go to whichever process is free: three for two cores, since browsers and servers are waited for.
# PYTEST_ARGS="-n 0" runs all in one process.
pytest = $(python) -m pytest -n 3 --dist loadfile --no-loadscope-reorder --nbmake --nbmake-timeout=600

# Python compiles what it imports once, whatever the shell says: without that Paddle alone takes 3 s more at every start.
unexport PYTHONDONTWRITEBYTECODE

# A .venv whose Python went away (a system upgrade) is made anew.
$(shell $(python) -c '' 2>/dev/null || rm -f .venv/.demo .venv/.test)

.PHONY: help demo web test types units test-all train bench graph clean

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):[^#]*## /make \1	/p' Makefile

demo: .venv/.demo ## open the app on the shipped weights (PORT, HOST)
	@$(python) -u -m demo --host "$(HOST)" --port "$(PORT)"

web: .venv/.test ## write the app as a page without a server to dist/web and serve it (PORT, HOST); wants Node.js
	$(python) -m garmentgen export dist/web --format web
	@echo "http://$(HOST):$(PORT)"
	@$(python) -m http.server --bind "$(HOST)" --directory dist/web "$(PORT)"

test: .venv/.test ## lint, types, unit, browser and notebook tests
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	@$(MAKE) --no-print-directory -j 2 types units

types: .venv/.test
	$(python) -m pyright --pythonpath $(python)

units: .venv/.test
	$(pytest) -m "not slow" --timeout=600 $(PYTEST_ARGS)

test-all: .venv/.test ## the tests with the long ones: an hour
	$(pytest) --timeout=3600 $(PYTEST_ARGS)

train: .venv/.demo ## train PRESET on DATA for MINUTES into RUN; again = go on. Default: drawn garments
	@test "$(DATA)" != data/drawn/prepared || $(MAKE) --no-print-directory data/drawn/prepared/meta.json
	$(python) -m garmentgen train "$(DATA)" --preset "$(PRESET)" --run "$(RUN)" --minutes "$(MINUTES)"

data/drawn/prepared/meta.json:
	$(python) -m garmentgen draw data/drawn/photos --count 400
	$(python) -m garmentgen prepare data/drawn/photos data/drawn/prepared

bench: .venv/.demo ## every speed figure of the README, measured here
	@for what in $(BENCHES); do $(python) -m garmentgen bench $$what || exit; done

graph: .venv/.test ## write weights/lite.onnx, the graph that the app paints with: whenever the weights have changed
	$(python) -m garmentgen export weights --format onnx --weights weights/lite.safetensors

clean: ## remove .venv and caches; runs, data and weights stay
	rm -rf .venv build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.demo: requirements.txt
	@sh scripts/setup.sh demo

.venv/.test: requirements.txt pyproject.toml
	@sh scripts/setup.sh test
