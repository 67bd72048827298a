from shared.chassis.migrations import run
from svc_licensing.main import service

run(service)
