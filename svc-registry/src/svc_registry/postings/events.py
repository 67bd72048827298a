"""What is announced about a posting: always its whole state."""

from shared.contracts.registry import PostingEndedV1, PostingGrantedV1
from shared.contracts.roles import Role
from shared.kit.jurisdiction import Jurisdiction
from svc_registry.postings.models import Posting


def state(posting: Posting) -> PostingGrantedV1 | PostingEndedV1:
    """`ended` once it grants nothing any more, else `granted`, also for a new last day."""
    fact = PostingGrantedV1 if posting.ended_at is None else PostingEndedV1
    return fact(
        jurisdiction=Jurisdiction.from_code(posting.jurisdiction),
        posting_id=posting.id,
        version=posting.version,
        person=posting.person,
        role=Role(posting.role),
        valid_from=posting.valid_from,
        valid_to=posting.valid_to,
        granted_by=posting.granted_by,
    )
