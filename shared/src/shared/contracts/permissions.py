"""The words with which every operation says what its caller must be allowed to do."""

from enum import StrEnum
from typing import Final


class Permission(StrEnum):
    DIVISION_READ = "division:read"
    CENTER_READ = "center:read"
    CENTER_WRITE = "center:write"
    CENTER_OPEN = "center:open"
    CATALOGUE_READ = "catalogue:read"
    CATALOGUE_WRITE = "catalogue:write"
    PARAMETER_READ = "parameter:read"
    PARAMETER_WRITE = "parameter:write"
    TARIFF_READ = "tariff:read"
    TARIFF_WRITE = "tariff:write"
    TARIFF_SIGN_OFF = "tariff:sign-off"
    POSTING_READ = "posting:read"
    POSTING_GRANT = "posting:grant"
    CASE_FILE_READ = "case-file:read"
    CASE_FILE_WRITE = "case-file:write"
    CASE_FILE_SEARCH = "case-file:search"
    CASE_FILE_EXPORT = "case-file:export"
    CASE_FILE_IMPORT = "case-file:import"
    IMPORT_READ = "import:read"
    DISTRIBUTION_READ = "distribution:read"
    DISTRIBUTION_PLAN = "distribution:plan"
    DISTRIBUTION_APPLY = "distribution:apply"
    SCREENING_READ = "screening:read"
    SCREENING_WRITE = "screening:write"
    LICENCE_READ = "licence:read"
    LICENCE_WRITE = "licence:write"
    ADOPTION_READ = "adoption:read"
    ADOPTION_WRITE = "adoption:write"
    EVENT_READ = "event:read"
    AUDIT_READ = "audit:read"


EVERYONE: Final = frozenset(
    {Permission.DIVISION_READ, Permission.CENTER_READ, Permission.CATALOGUE_READ, Permission.PARAMETER_READ}
)
"""What any authenticated person may do, without a posting and without a scope."""
