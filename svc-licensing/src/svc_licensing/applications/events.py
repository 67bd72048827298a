"""From an application to what is announced of it."""

from typing import Any, TypeVar

from shared.contracts.licensing import ApplicationState
from shared.kit.jurisdiction import Jurisdiction
from svc_licensing.applications.models import Application

S = TypeVar("S", bound=ApplicationState)


def fact(kind: type[S], application: Application, **more: Any) -> S:
    return kind(
        jurisdiction=Jurisdiction.from_code(application.jurisdiction),
        application_id=application.id,
        version=application.version,
        number=application.number,
        licence=application.licence_kind,
        act=application.act,
        clause=application.clause,
        center=None if application.center is None else Jurisdiction(application.center),
        status=application.status,
        **more,
    )
