from sample_service.main import service

from shared.chassis.migrations import run

run(service)
