# Every command of the project. Only `make` and Python 3.11 (or newer) have to be there.
.DEFAULT_GOAL := help
.PHONY: help run token demo national-bodies test check bench openapi requirements environment
SHELL := /bin/sh
unexport PYTHONDONTWRITEBYTECODE # six processes and the tests would compile the same libraries at every start

PYTHON_ENV := .venv/bin/python
MEMBERS := shared gateway svc-registry svc-casefile svc-screening svc-licensing svc-adoption
PIN := .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-header
SERVICES := registry casefile screening licensing adoption

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

environment: # .venv with everything that requirements.txt pins; nothing to do when it is complete
	@deploy/local/environment

run: environment ## start everything on this machine (GATEWAY_PORT, POSITIVE_LIFE_HOME, DATABASE_URL, NATS_URL)
	@$(PYTHON_ENV) -m deploy.local.run

token: environment ## print an access token: make token ROLE=center-manager SCOPE=2901003 [NUMBER=2]
	@$(PYTHON_ENV) -m deploy.local.token --role "$(ROLE)" --scope "$(SCOPE)" --number "$(or $(NUMBER),1)"

demo: environment ## opening day of South Khorasan, a month of field work and an autumn of screening, through the API
	@$(PYTHON_ENV) -m deploy.local.demo

national-bodies: environment ## answer what licensing asks the national bodies, in their place (MISMATCH=0499370899)
	@$(PYTHON_ENV) -m deploy.local.national_bodies $(MISMATCH:%=--mismatch %)

test: environment ## all tests, against real servers on free ports
	@$(PYTHON_ENV) -m pytest -n 3 --dist loadfile --no-loadscope-reorder

check: environment ## what CI runs besides the tests
	@deploy/local/check

bench: environment ## measure beside baselines, print ratios
	@$(PYTHON_ENV) -m tests.benchmarks

openapi: environment ## write the contracts anew: services, gateway, events
	@for service in $(SERVICES); do \
		$(PYTHON_ENV) -m svc_$$service.main openapi >svc-$$service/openapi.json.new && \
		mv svc-$$service/openapi.json.new svc-$$service/openapi.json || exit 1; \
	done
	@$(PYTHON_ENV) -m gateway.merge
	@$(PYTHON_ENV) -m shared.testing.goldens
	@$(PYTHON_ENV) -m gateway.asyncapi >asyncapi.new && mv asyncapi.new gateway/src/gateway/contracts/asyncapi.yaml

requirements: environment ## pin again what the pyproject.toml files ask for (RENEW=--upgrade for the newest)
	@$(PIN) $(RENEW) --group dev --group local $(MEMBERS:%=--no-emit-package %) pyproject.toml -o requirements.txt
	@$(PIN) --no-annotate -c requirements.txt $(MEMBERS:%=--no-emit-package %) pyproject.toml -o deploy/images/requirements.txt
	@echo uv | $(PIN) --no-annotate -c requirements.txt - -o deploy/local/bootstrap.txt
