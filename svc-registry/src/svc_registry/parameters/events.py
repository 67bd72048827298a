"""What is announced about a parameter."""

from shared.contracts.registry import ParameterSetV1
from shared.kit.jurisdiction import Jurisdiction
from svc_registry.parameters.models import Parameter


def was_set(parameter: Parameter) -> ParameterSetV1:
    return ParameterSetV1(
        jurisdiction=Jurisdiction.from_code(parameter.jurisdiction),
        parameter_id=parameter.id,
        version=parameter.version,
        name=parameter.name,
        value=parameter.value,
        valid_from=parameter.valid_from,
        valid_to=parameter.valid_to,
    )
