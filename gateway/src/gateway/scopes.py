"""Where the caller may act: postings give the scopes, `X-Scope` narrows them and never widens."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from gateway.errors import InvalidScope, NoPosting
from gateway.postings import Person, Posting
from shared.contracts.permissions import EVERYONE, Permission
from shared.contracts.roles import GRANTS, Role
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import ScopeForbidden, ScopeRequired

_ANSWERS_KEPT: Final = 64


@dataclass(frozen=True, slots=True, eq=False)
class Grant:
    """What a caller may do at one place, from the postings that cover it. `scope` is None where none is needed."""

    scope: Jurisdiction | None
    roles: frozenset[Role]
    permissions: frozenset[Permission]


def resolve(person: Person, header: bytes | None, *, scoped: bool, day: date) -> Grant:
    """The grant for a request with this `X-Scope`.

    Raises InvalidScope for a header that is no scope, NoPosting and ScopeForbidden when it is not the caller's, and
    ScopeRequired (with the scopes to choose from) when the operation needs one and the caller has several.
    """
    if person.day != day:
        person.answers.clear()
        person.day = day
    key = (header, scoped)
    known = person.answers.get(key)
    if isinstance(known, Grant):
        return known
    grant = _resolve(person.in_force(day), header, scoped=scoped)
    if len(person.answers) < _ANSWERS_KEPT:
        person.answers[key] = grant
    return grant


def at(postings: tuple[Posting, ...], scope: Jurisdiction | None) -> Grant:
    """What these postings allow within `scope`: the roles of those that cover it, of all where there is no scope."""
    roles = frozenset(each.role for each in postings if scope is None or each.jurisdiction.covers(scope))
    return Grant(scope, roles, EVERYONE.union(*(GRANTS[role] for role in roles)))


def _resolve(postings: tuple[Posting, ...], header: bytes | None, *, scoped: bool) -> Grant:
    if header is not None:
        try:
            wanted = Jurisdiction(header.decode("ascii").strip())
        except ValueError as error:
            raise InvalidScope from error
        if not postings:
            raise NoPosting
        grant = at(postings, wanted)
        if not grant.roles:
            raise ScopeForbidden
        return grant
    scopes = {posting.jurisdiction for posting in postings}
    if len(scopes) == 1:
        return at(postings, scopes.pop())
    if not scoped:
        return at(postings, None)
    if not scopes:
        raise NoPosting
    raise ScopeRequired(scopes=sorted(map(str, scopes)))
