"""Who may do what: one table. Where they may do it is their posting's jurisdiction."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final

from pydantic import WithJsonSchema

from shared.contracts.permissions import EVERYONE, Permission
from shared.kit.jurisdiction import Level


class Role(StrEnum):
    HEADQUARTERS = "headquarters"
    PROVINCE_OFFICER = "province-officer"
    COUNTY_OFFICER = "county-officer"
    CENTER_MANAGER = "center-manager"
    SOCIAL_WORKER = "social-worker"
    SCREENER = "screener"
    LICENSING_OFFICER = "licensing-officer"
    COMMISSION_SECRETARY = "commission-secretary"
    COMMISSION_MEMBER = "commission-member"
    SPECIALISED_DEPUTY = "specialised-deputy"
    ADOPTION_OFFICER = "adoption-officer"
    ADOPTION_WORKER = "adoption-worker"
    ADOPTION_COMMITTEE = "adoption-committee"
    AUDITOR = "auditor"
    INTEGRATION_CLIENT = "integration-client"


PublishedRole = Annotated[Role, WithJsonSchema({"type": "string", "examples": [Role.CENTER_MANAGER.value]})]
"""A role inside an event: to the readers of the contract an open word, because roles will be added within a version."""

# One part for each field, which names the roles that have anything to do there.
# A column is headed by its role, or by a word of it that no other role has: "center" is the center manager, "social"
# the social worker, "secretary" and "member" are of the licensing commission, "deputy" states the need in the area.
# Headquarters sees no household: its figures are statistics. The auditor reads and never writes. Adoption is
# confidential by law: none but its own officers, the workers whom a center has for it, and the committee that decides,
# which is told facts and no names. An integration client is a system: it gets events, no pages, and reports the outcome
# of what was referred to it. Genetics is for those alone who take the questionnaire. What security
# and selection answered about a founder, the commission's secretary alone sees (inquiry:vet).
_TABLE: Final = """
                        headquarters province county center social auditor integration
center:write                  x          x       ·      ·      ·      ·         ·
center:open                   x          x       ·      ·      ·      ·         ·
catalogue:write               x          ·       ·      ·      ·      ·         ·
parameter:write               x          ·       ·      ·      ·      ·         ·
tariff:read                   x          x       x      x      ·      x         ·
tariff:write                  x          x       ·      ·      ·      ·         ·
tariff:sign-off               x          ·       ·      ·      ·      ·         ·
posting:read                  x          x       x      x      ·      x         ·
posting:grant                 x          x       ·      ·      ·      ·         ·
case-file:read                ·          x       x      x      x      x         ·
case-file:write               ·          ·       x      x      x      ·         ·
case-file:search              ·          x       x      x      x      x         ·
case-file:export              ·          x       x      x      ·      ·         ·
case-file:import              ·          x       ·      ·      ·      ·         ·
case-file:assign              ·          ·       x      x      ·      ·         ·
case-file:break-glass         ·          ·       ·      x      x      ·         ·
visit:read                    ·          x       x      x      x      x         ·
visit:write                   ·          ·       ·      x      x      ·         ·
help-plan:read                ·          x       x      x      x      x         ·
help-plan:write               ·          ·       ·      x      x      ·         ·
service-request:read          ·          x       x      x      x      x         ·
service-request:write         ·          ·       x      x      x      ·         ·
life-event:read               ·          x       x      x      x      x         ·
life-event:write              ·          ·       x      x      x      ·         ·
life-event:approve            ·          ·       x      x      ·      ·         ·
transfer:read                 ·          x       x      x      x      x         ·
transfer:request              ·          ·       x      x      x      ·         ·
transfer:decide               ·          x       x      x      ·      ·         ·
transfer:bulk                 ·          x       x      ·      ·      ·         ·
finding:read                  ·          x       x      x      x      x         ·
finding:write                 ·          ·       x      x      x      ·         ·
admission:decide-local        ·          ·       ·      x      ·      ·         ·
admission:decide-county       ·          ·       x      ·      ·      ·         ·
settlement:read               ·          x       x      x      x      x         ·
settlement:draft              ·          x       x      x      ·      ·         ·
settlement:dispute            ·          ·       ·      x      x      ·         ·
settlement:close              ·          ·       ·      x      ·      ·         ·
settlement:approve            ·          ·       x      ·      ·      ·         ·
settlement:pay                ·          x       ·      ·      ·      ·         ·
complaint:read                x          x       x      x      ·      x         ·
complaint:handle              x          x       x      x      ·      ·         ·
import:read                   ·          x       ·      ·      ·      x         ·
distribution:read             ·          x       x      ·      ·      x         ·
distribution:plan             ·          x       x      ·      ·      ·         ·
distribution:apply            ·          x       x      ·      ·      ·         ·
event:read                    x          x       x      x      x      x         x
audit:read                    ·          ·       ·      ·      ·      x         ·

                        headquarters province county center social screener auditor integration
programme:write               x          ·       ·      ·      ·       ·       ·         ·
programme:sign-off            x          ·       ·      ·      ·       ·       ·         ·
campaign:write                x          x       x      ·      ·       ·       ·         ·
base:write                    ·          x       x      x      ·       ·       ·         ·
screener:permit               ·          x       x      ·      ·       ·       ·         ·
screening:read                ·          x       x      x      x       x       x         ·
screening:write               ·          ·       ·      ·      ·       x       ·         ·
referral:write                ·          ·       x      x      x       x       ·         ·
referral:report               ·          ·       ·      ·      ·       ·       ·         x
clinic:write                  ·          x       x      ·      ·       ·       ·         ·
coverage:read                 x          x       x      x      x       x       x         ·
genetics:read                 ·          ·       ·      ·      ·       x       ·         ·
genetics:write                ·          ·       ·      ·      ·       x       ·         ·

                        headquarters province county center social licensing secretary member deputy auditor
institution:read              ·          x       x      x      x       x         x        x      x      x
institution:write             ·          ·       ·      x      x       x         ·        ·      ·      ·
requirement:write             x          ·       ·      ·      ·       ·         ·        ·      ·      ·
requirement:sign-off          x          ·       ·      ·      ·       ·         ·        ·      ·      ·
application:read              ·          x       x      x      x       x         x        x      x      x
application:write             ·          ·       ·      x      x       x         ·        ·      ·      ·
application:check             ·          ·       ·      ·      ·       x         ·        ·      ·      ·
application:state-need        ·          ·       ·      ·      ·       ·         ·        ·      x      ·
inquiry:read                  ·          x       x      x      x       x         x        x      x      x
inquiry:write                 ·          ·       ·      ·      ·       x         x        ·      ·      ·
inquiry:vet                   ·          ·       ·      ·      ·       ·         x        ·      ·      ·
commission:read               ·          x       ·      ·      ·       x         x        x      x      x
commission:write              ·          ·       ·      ·      ·       ·         x        ·      ·      ·
commission:vote               ·          ·       ·      ·      ·       ·         ·        x      x      ·
deadline:read                 x          x       x      x      ·       x         x        ·      ·      x
working-day:write             x          ·       ·      ·      ·       ·         ·        ·      ·      ·
national-system:write         x          ·       ·      ·      ·       ·         ·        ·      ·      ·
licence:read                  x          x       x      x      x       x         x        x      x      x
licence:issue                 ·          ·       ·      ·      ·       ·         x        ·      ·      ·

                                headquarters adoption-officer adoption-worker adoption-committee
adoption:register                     ·             x                x                ·
adoption:read                         ·             x                x                ·
adoption:search                       ·             x                ·                ·
adoption:write                        ·             x                ·                ·
adoption:decide                       ·             ·                ·                x
adoption:export                       ·             x                ·                ·
adoption:export-approve               ·             x                ·                ·
adoption:child                        ·             x                ·                ·
adoption:place                        ·             x                ·                ·
adoption:follow                       ·             x                ·                x
adoption-requirement:write            x             ·                ·                ·
adoption-requirement:sign-off         x             ·                ·                ·
"""


def _columns(table: str) -> Mapping[Role, frozenset[Permission]]:
    granted: dict[Role, set[Permission]] = {role: {*EVERYONE} for role in Role}
    for part in table.strip().split("\n\n"):
        head, *rows = (line.split() for line in part.splitlines())
        roles = [_headed(word) for word in head]
        for permission, *row in rows:
            for role, mark in zip(roles, row, strict=True):
                if mark == "x":
                    granted[role].add(Permission(permission))
    return {role: frozenset(words) for role, words in granted.items()}


def _headed(word: str) -> Role:
    (role,) = [role for role in Role if role == word] or [role for role in Role if word in role.split("-")]
    return role


GRANTS: Final = _columns(_TABLE)
"""The permissions of each role, those of everyone included."""

LEVELS: Final[Mapping[Role, frozenset[Level]]] = {
    Role.HEADQUARTERS: frozenset({Level.NATION}),
    Role.PROVINCE_OFFICER: frozenset({Level.PROVINCE}),
    Role.COUNTY_OFFICER: frozenset({Level.COUNTY}),
    Role.CENTER_MANAGER: frozenset({Level.CENTER}),
    Role.SOCIAL_WORKER: frozenset({Level.CENTER}),
    Role.SCREENER: frozenset({Level.CENTER}),
    Role.LICENSING_OFFICER: frozenset({Level.PROVINCE, Level.COUNTY}),
    Role.COMMISSION_SECRETARY: frozenset({Level.PROVINCE}),
    Role.COMMISSION_MEMBER: frozenset({Level.PROVINCE}),
    Role.SPECIALISED_DEPUTY: frozenset({Level.PROVINCE}),
    Role.ADOPTION_OFFICER: frozenset({Level.PROVINCE, Level.COUNTY}),
    Role.ADOPTION_WORKER: frozenset({Level.CENTER}),
    Role.ADOPTION_COMMITTEE: frozenset({Level.PROVINCE}),
    Role.AUDITOR: frozenset(Level),
    Role.INTEGRATION_CLIENT: frozenset({Level.NATION, Level.PROVINCE}),
}
"""At which levels a posting with the role can be."""

MAY_GRANT: Final[Mapping[Role, frozenset[Role]]] = {role: frozenset() for role in Role} | {
    Role.HEADQUARTERS: frozenset(Role),
    # auditors, connected systems and those who decide on adoptions answer to headquarters, not to the line
    Role.PROVINCE_OFFICER: frozenset(
        {
            Role.COUNTY_OFFICER,
            Role.CENTER_MANAGER,
            Role.SOCIAL_WORKER,
            Role.SCREENER,
            Role.LICENSING_OFFICER,
            Role.COMMISSION_SECRETARY,
            Role.COMMISSION_MEMBER,
            Role.SPECIALISED_DEPUTY,
            Role.ADOPTION_OFFICER,
            Role.ADOPTION_WORKER,
        }
    ),
}
"""Whom the holder of a role may appoint, within the holder's own jurisdiction."""

TITLES: Final[Mapping[Role, Mapping[str, str]]] = {
    Role.HEADQUARTERS: {"fa": "ستاد", "en": "Headquarters"},
    Role.PROVINCE_OFFICER: {"fa": "کارشناس اداره کل استان", "en": "Province officer"},
    Role.COUNTY_OFFICER: {"fa": "کارشناس اداره شهرستان", "en": "County officer"},
    Role.CENTER_MANAGER: {"fa": "مسئول مرکز", "en": "Center manager"},
    Role.SOCIAL_WORKER: {"fa": "مددکار", "en": "Social worker"},
    Role.SCREENER: {"fa": "غربالگر", "en": "Screener"},
    Role.LICENSING_OFFICER: {"fa": "کارشناس صدور پروانه", "en": "Licensing officer"},
    Role.COMMISSION_SECRETARY: {"fa": "دبیر کمیسیون مادهٔ ۲۶", "en": "Secretary of the licensing commission"},
    Role.COMMISSION_MEMBER: {"fa": "عضو کمیسیون مادهٔ ۲۶", "en": "Member of the licensing commission"},
    Role.SPECIALISED_DEPUTY: {"fa": "معاون تخصصی", "en": "Specialised deputy"},
    Role.ADOPTION_OFFICER: {"fa": "کارشناس فرزندخواندگی", "en": "Adoption officer"},
    Role.ADOPTION_WORKER: {"fa": "مددکار فرزندخواندگی", "en": "Adoption worker"},
    Role.ADOPTION_COMMITTEE: {"fa": "عضو کمیتهٔ فرزندخواندگی", "en": "Member of the adoption committee"},
    Role.AUDITOR: {"fa": "بازرس", "en": "Auditor"},
    Role.INTEGRATION_CLIENT: {"fa": "سامانه متصل", "en": "Integration client"},
}
