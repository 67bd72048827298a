from shared.chassis.migrations import run
from svc_adoption.main import service

run(service)
