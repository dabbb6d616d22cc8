# Everything runs from .venv, which these targets make themselves from Python 3.11+ alone.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: help install demo test test-slow test-pure test-floors test-datasets conformance test-fiftyone test-torch fuzz lint types format proto check-proto release-contract lock check-lock sbom container bench soak clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "pixret needs Python 3.11 or newer; say which with PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"

$(STAMP): pyproject.toml hatch_build.py $(wildcard metrics/pixret/metrics/*.[ch]) $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $@

install: $(STAMP) ## make .venv with pixret and its development tools

demo: $(STAMP) ## score a submission live over gRPC, on a benchmark made on the spot
	$(BIN)/pixret demo

# Files are kept together, since their tests share fixtures that take long to make.
PARALLEL := -n auto --dist loadfile
test: $(STAMP) ## run the fast test suite
	$(BIN)/python -m pytest $(PARALLEL)

test-slow: $(STAMP) ## run the long tests
	$(BIN)/python -m pytest -m slow $(PARALLEL)

test-pure: $(STAMP) ## run the tests of the metric core without its compiled kernel
	PIXRET_KERNEL=off $(BIN)/python -m pytest tests/metrics tests/test_golden.py

$(VENV)/floors/.installed: pyproject.toml $(STAMP)
	$(BIN)/uv pip compile --quiet --resolution lowest-direct --output-file $(VENV)/floors.txt pyproject.toml
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(VENV)/floors
	$(BIN)/uv pip install --quiet --python $(VENV)/floors --editable . --group dev --constraint $(VENV)/floors.txt
	@touch $@

test-floors: $(VENV)/floors/.installed ## run the fast suite with the oldest libraries that the dependencies allow
	$(VENV)/floors/bin/python -m pytest $(PARALLEL)

$(VENV)/.conformance-installed: $(STAMP)
	$(BIN)/python -m pip install --quiet --group conformance
	@touch $@

conformance: $(VENV)/.conformance-installed ## drive the clients of all languages through all scenarios, and write docs/conformance.md
	$(BIN)/python -m pytest tests/conformance -m conformance -n auto --dist loadscope --matrix docs/conformance.md

$(VENV)/ecosystem-%/.installed: pyproject.toml $(STAMP)
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(VENV)/ecosystem-$*
	$(BIN)/uv pip install --quiet --python $(VENV)/ecosystem-$* --editable '.[$*]' --group ecosystem-$*
	@touch $@

test-fiftyone: $(VENV)/ecosystem-fiftyone/.installed ## run the tests of the FiftyOne view, with its database
	$(VENV)/ecosystem-fiftyone/bin/python -m pytest tests/ecosystems/fiftyone -W ignore

test-torch: $(VENV)/ecosystem-torch/.installed ## run the tests beside PyTorch and MTEB
	HF_HUB_OFFLINE=1 $(VENV)/ecosystem-torch/bin/python -m pytest tests/ecosystems/torch -W ignore

SECONDS ?= 60
$(VENV)/.fuzz-installed: $(STAMP)
	$(BIN)/python -m pip install --quiet --group fuzz
	@touch $@

fuzz: $(VENV)/.fuzz-installed ## feed the readers of bytes from outside, SECONDS=60 each
	$(BIN)/python tests/fuzz $(SECONDS)

# Environments that hold one version of datasets and nothing of ours, and the validator of Croissant metadata.
ALONE := $(VENV)/datasets-3.6 $(VENV)/datasets-newest
$(VENV)/datasets-3.6/.installed:    NEEDS := "datasets==3.6.*" pillow
$(VENV)/datasets-newest/.installed: NEEDS := datasets pillow
$(VENV)/croissant/.installed:       NEEDS := "mlcroissant[parquet]>=1.1.1" pillow

$(addsuffix /.installed,$(ALONE) $(VENV)/croissant): pyproject.toml $(STAMP)
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(@D)
	$(BIN)/uv pip install --quiet --python $(@D) $(NEEDS)
	@touch $@

test-datasets: $(STAMP) $(addsuffix /.installed,$(ALONE) $(VENV)/croissant) ## load an exported repository with nothing but datasets
	rm -rf $(VENV)/exported
	$(BIN)/python tests/repository/export.py $(VENV)/exported
	for alone in $(ALONE); do \
	  HF_HUB_OFFLINE=1 $$alone/bin/python tests/repository/load_alone.py $(VENV)/exported/repository $(VENV)/exported/raw/images || exit 1; done
	$(VENV)/croissant/bin/python tests/repository/check_croissant.py $(VENV)/exported/repository

# The contract of the last release, against which buf tells what would break clients; relative to proto/.
RELEASED := released/scoring.v1.yaml

lint: $(STAMP) ## ruff, import contracts, the container's files, buf
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile tests/container/postgres/Dockerfile
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-actions action.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.gitlab-ci deploy/gitlab-ci.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec deploy/compose.yaml
	$(BIN)/kubernetes-validate --strict --quiet deploy/kubernetes.yaml
	cd proto && ../$(BIN)/buf lint && ../$(BIN)/buf format --diff --exit-code && ../$(BIN)/buf breaking --against $(RELEASED)

types: $(STAMP) ## the strict type check
	$(BIN)/mypy

format: $(STAMP) ## let ruff and buf rewrite what they can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	cd proto && ../$(BIN)/buf format --write

$(VENV)/codegen/.installed: pyproject.toml $(BIN)/python
	$(PYTHON) -m venv $(VENV)/codegen
	$(VENV)/codegen/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	$(VENV)/codegen/bin/python -m pip install --quiet --group codegen
	@touch $@

proto: $(VENV)/codegen/.installed $(STAMP) ## generate the Python code of proto/ and its page of reference anew
	$(VENV)/codegen/bin/python proto/generate.py
	$(BIN)/python proto/reference.py

check-proto: proto ## fail when what is committed is not what proto/ gives
	git diff --exit-code -- proto docs/scoring-api.md

release-contract: $(STAMP) ## note the contract as it is now as the released one, as the last step before a tag
	cd proto && ../$(BIN)/buf breaking --against $(RELEASED) && ../$(BIN)/buf build --exclude-source-info --output $(RELEASED)

LOCK := $(BIN)/uv pip compile --quiet --generate-hashes --python-version 3.11 --custom-compile-command "make lock"
UPGRADE := --upgrade

lock: $(STAMP) ## pin what the container is built from anew; UPGRADE= keeps the pins that still fit
	$(LOCK) $(UPGRADE) --extra postgres --excludes container/excluded.txt --output-file container/requirements.lock pyproject.toml
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' \
	| $(LOCK) $(UPGRADE) --output-file container/build.lock -

check-lock: ## fail when the pins of the container are not what pyproject.toml asks for
	$(MAKE) --no-print-directory lock UPGRADE=
	git diff --exit-code -- container

sbom: $(STAMP) ## write down what is in the container, as CycloneDX
	mkdir -p build
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --validate --output-file build/sbom.cdx.json container/requirements.lock

container: $(STAMP) ## build the container and drive it from outside
	container/test

bench: $(STAMP) ## measure, side by side
	$(BIN)/python -m bench

MINUTES ?= 30
soak: $(STAMP) ## 32 clients that come, go, crash and misbehave, for MINUTES=30
	$(BIN)/python -m bench.soak --minutes $(MINUTES)

clean: ## remove what the targets made
	rm -rf $(VENV) metrics/pixret/metrics/_kernel.*.so .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
