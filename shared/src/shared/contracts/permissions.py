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
    CASE_FILE_ASSIGN = "case-file:assign"
    CASE_FILE_BREAK_GLASS = "case-file:break-glass"
    VISIT_READ = "visit:read"
    VISIT_WRITE = "visit:write"
    HELP_PLAN_READ = "help-plan:read"
    HELP_PLAN_WRITE = "help-plan:write"
    SERVICE_REQUEST_READ = "service-request:read"
    SERVICE_REQUEST_WRITE = "service-request:write"
    LIFE_EVENT_READ = "life-event:read"
    LIFE_EVENT_WRITE = "life-event:write"
    LIFE_EVENT_APPROVE = "life-event:approve"
    TRANSFER_READ = "transfer:read"
    TRANSFER_REQUEST = "transfer:request"
    TRANSFER_DECIDE = "transfer:decide"
    TRANSFER_BULK = "transfer:bulk"
    FINDING_READ = "finding:read"
    FINDING_WRITE = "finding:write"
    ADMISSION_DECIDE_LOCAL = "admission:decide-local"
    ADMISSION_DECIDE_COUNTY = "admission:decide-county"
    SETTLEMENT_READ = "settlement:read"
    SETTLEMENT_DRAFT = "settlement:draft"
    SETTLEMENT_DISPUTE = "settlement:dispute"
    SETTLEMENT_CLOSE = "settlement:close"
    SETTLEMENT_APPROVE = "settlement:approve"
    SETTLEMENT_PAY = "settlement:pay"
    COMPLAINT_READ = "complaint:read"
    COMPLAINT_HANDLE = "complaint:handle"
    IMPORT_READ = "import:read"
    DISTRIBUTION_READ = "distribution:read"
    DISTRIBUTION_PLAN = "distribution:plan"
    DISTRIBUTION_APPLY = "distribution:apply"
    PROGRAMME_READ = "programme:read"
    PROGRAMME_WRITE = "programme:write"
    PROGRAMME_SIGN_OFF = "programme:sign-off"
    CAMPAIGN_WRITE = "campaign:write"
    BASE_WRITE = "base:write"
    SCREENER_PERMIT = "screener:permit"
    SCREENING_READ = "screening:read"
    SCREENING_WRITE = "screening:write"
    REFERRAL_WRITE = "referral:write"
    REFERRAL_REPORT = "referral:report"
    CLINIC_WRITE = "clinic:write"
    COVERAGE_READ = "coverage:read"
    GENETICS_READ = "genetics:read"
    GENETICS_WRITE = "genetics:write"
    LICENCE_READ = "licence:read"
    LICENCE_WRITE = "licence:write"
    ADOPTION_READ = "adoption:read"
    ADOPTION_WRITE = "adoption:write"
    EVENT_READ = "event:read"
    AUDIT_READ = "audit:read"


EVERYONE: Final = frozenset(
    {
        Permission.DIVISION_READ,
        Permission.CENTER_READ,
        Permission.CATALOGUE_READ,
        Permission.PARAMETER_READ,
        Permission.PROGRAMME_READ,
    }
)
"""What any authenticated person may do, without a posting and without a scope."""
