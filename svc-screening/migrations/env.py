from shared.chassis.migrations import run
from svc_screening.main import service

run(service)
