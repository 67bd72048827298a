from shared.chassis.migrations import run
from svc_casefile.main import service

run(service)
