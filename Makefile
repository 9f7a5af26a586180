# Every task of the project has one name here. Each sets up what it needs first.

VENV ?= .venv
BIN := $(VENV)/bin
export VENV

# Debian hides ip, nft and tcpdump from an ordinary user's PATH.
export PATH := $(PATH):/usr/local/sbin:/usr/sbin:/sbin

.DEFAULT_GOAL := help
.PHONY: help demo test test-kernel setup setup-dev lint types format unit claims models bench proto images compose clean

help: ## show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: setup ## set up, deploy the example lab, run its tests, show it, destroy it
	@.ci/demo

test: setup-dev lint types ## set up, then every check and test that needs no Docker
	@$(BIN)/pytest

test-kernel: setup-dev ## the tests that touch the kernel: kernel and e2e tiers; OPTIONS="-k NAME"
	@$(BIN)/pytest tests/kernel tests/e2e $(OPTIONS)

setup: ## system packages and the virtual environment
	@.ci/setup run

setup-dev: ## and the tools of a contributor
	@.ci/setup dev

lint: setup-dev ## style, formatting, import contracts; writes nothing
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check . || { echo "run: make format"; exit 1; }
	@$(BIN)/lint-imports --no-cache --no-logo

types: setup-dev ## mypy --strict
	@$(BIN)/mypy

format: setup-dev ## put every file into shape
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .

unit: setup-dev ## the tests that need nothing of the machine, in seconds
	@$(BIN)/pytest tests/unit tests/golden tests/rejected tests/architecture tests/claims \
		tests/matrices tests/pages

claims: setup-dev ## how many claims of the source documents a test proves
	@$(BIN)/python -m tests.claims

models: setup-dev ## write the pages of docs/models anew, from a run of each model
	@$(BIN)/python -m tests.pages

bench: setup-dev ## measure everything side by side; OPTIONS="--quick --only NAME"
	@$(BIN)/python -m benchmarks $(OPTIONS)

proto: setup-dev ## regenerate the wire contract
	@$(BIN)/python -m grpc_tools.protoc -Iproto --python_out=. --pyi_out=. --grpc_python_out=. \
	  --plugin=protoc-gen-mypy_grpc=$(BIN)/protoc-gen-mypy_grpc --mypy_grpc_out=quiet:. proto/lab/contract/v1/*.proto

images: ## build the image of the docker runtime; needs a Docker engine, no registry
	@images/build

compose: setup ## regenerate docker-compose.yml from the example lab
	@$(BIN)/python -m lab.runtime.docker.compose

clean: ## remove what was built here
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
