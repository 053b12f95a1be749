# SPDX-License-Identifier: GPL-3.0-or-later
# The commands of this collection; what they do is in tests/tools/. `make` alone lists them.
.POSIX:
.PHONY: help setup audit test check format lint types units windows sanity build-check integration bench lab lab-up lab-down test-lab clean

RUN = sh tests/tools/run

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile | expand -t 24

setup: ## make .venv: ansible-core, pytest, hypothesis, ruff, mypy, the Docker SDK
	@$(RUN) setup

audit: ## audit the ports of this machine, or of an inventory: make audit INVENTORY=hosts.yml ARGS="-l web"
	@$(RUN) audit --inventory "$(INVENTORY)" -- $(ARGS)

test: ## set up and pass every test; one lab scenario: make test SCENARIO=name HOST=engine
	@$(RUN) test --scenario "$(SCENARIO)" --host "$(HOST)"

check: ## every test but the lab's
	@$(RUN) check

format: ## let ruff format the Python code
	@$(RUN) format

lint: ## ruff, yamllint, ansible-lint, antsibull-docs, antsibull-changelog
	@$(RUN) lint

types: ## mypy, strict, on plugins/module_utils
	@$(RUN) types

units: ## unit tests on the oldest and newest target Python and the controller's own
	@$(RUN) units

windows: ## playbooks against a double of a Windows host
	@$(RUN) windows

sanity: ## ansible-test sanity with the newest supported ansible-core
	@$(RUN) sanity

build-check: ## build the tarball, install it, and judge it as Galaxy does
	@$(RUN) build-check

integration: ## the plugins against a real engine in a network namespace of its own (root)
	@$(RUN) integration

bench: ## measure on a busy host; one of the measurements: make bench ARGS=sockets
	@$(RUN) bench -- $(ARGS)

lab: ## build the images of the lab's hosts
	@tests/lab/lab build

lab-up: ## start the lab's hosts
	@tests/lab/lab up

lab-down: ## stop them and remove what they left
	@tests/lab/lab down

test-lab: ## run the lab's scenarios: make test-lab SCENARIO=name HOST=engine
	@$(RUN) test-lab --scenario "$(SCENARIO)" --host "$(HOST)"

clean: ## remove .venv, caches and built tarballs
	@rm -rf .venv .ansible .hypothesis .mypy_cache .pytest_cache .ruff_cache tests/output dockmaster-ports-*.tar.gz
