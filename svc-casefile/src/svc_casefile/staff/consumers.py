"""What the registry announces of those who work with households."""

from shared.chassis.consumers import Handlers
from shared.chassis.database import Command
from shared.contracts.registry import PostingEndedV1, PostingGrantedV1
from shared.contracts.roles import Role
from svc_casefile.staff import repository

on = Handlers()

AT_A_CENTER = frozenset({Role.SOCIAL_WORKER, Role.CENTER_MANAGER})


@on(PostingGrantedV1, PostingEndedV1)
async def remember_posting(command: Command, event: PostingGrantedV1 | PostingEndedV1) -> None:
    if event.role in AT_A_CENTER:
        await repository.keep(command, event, ended=isinstance(event, PostingEndedV1))
