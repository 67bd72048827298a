from shared.chassis.migrations import run
from svc_registry.main import service

run(service)
