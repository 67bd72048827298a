"""The rules of a household's members. Every change of one is a new version of the file as well."""

from uuid import UUID

from shared.chassis.database import Command
from shared.kit.calendar import today
from shared.kit.ids import new_id
from shared.kit.problems import NotFound, PreconditionFailed
from svc_casefile import rows
from svc_casefile.households.models import CaseFile
from svc_casefile.households.schemas import HistoryAction
from svc_casefile.households.service import differences, editable, sees_restricted, settle
from svc_casefile.members import queries, repository
from svc_casefile.members.errors import HeadIsNeeded, HouseholdFull, OneHeadOnly, SeverityAlone
from svc_casefile.members.models import Member
from svc_casefile.members.schemas import MOST_MEMBERS, MemberCreate, MemberRead, MemberRemoval, MemberUpdate, Relation


async def add(command: Command, case_file_id: UUID, *, body: MemberCreate) -> MemberRead:
    """Raises NotFound, CaseFileClosed, OneHeadOnly, HouseholdFull and PersonAlreadyInCaseFile."""
    file = await editable(command, case_file_id, version=None)
    if body.relation == Relation.HEAD:
        raise OneHeadOnly
    if file.member_count >= MOST_MEMBERS:
        raise HouseholdFull
    if body.identity is not None:
        await repository.refuse_taken(command.connection, [("/identity", body.identity)])
    member = Member(
        **rows.new_member(
            body.model_dump(),
            member_id=new_id(),
            case_file_id=file.id,
            jurisdiction=file.jurisdiction,
            now=command.now,
        )
    )
    await repository.save(command, member, pointer="/identity")
    file.member_count += 1
    return await _settled(command, file, member, action=HistoryAction.MEMBER_ADDED, changes={})


async def change(
    command: Command, case_file_id: UUID, member_id: UUID, *, version: int, body: MemberUpdate
) -> MemberRead:
    """Raises NotFound, PreconditionFailed, CaseFileClosed, OneHeadOnly, HeadIsNeeded, SeverityAlone and
    PersonAlreadyInCaseFile."""
    file, member = await _present(command, case_file_id, member_id, version=version)
    if "relation" in body.model_fields_set and body.relation != member.relation:
        if body.relation == Relation.HEAD:
            raise OneHeadOnly
        if member.relation == Relation.HEAD:
            raise HeadIsNeeded
    wanted = body.model_dump(exclude_unset=True, exclude={"identity", "restricted"}) | rows.columns_of(body)
    changes = differences(member, wanted)
    if not changes:
        return await _read(command, member)
    if body.identity is not None and changes.keys() & {"id_type", "id_value"}:
        await repository.refuse_taken(command.connection, [("/identity", body.identity)])
    for name, (_, after) in changes.items():
        setattr(member, name, after)
    if member.disability_severity is not None and member.disability_type is None:
        raise SeverityAlone
    for name, value in rows.named(member.given_name, member.family_name, member.father_name).items():
        setattr(member, name, value)
    member.version += 1
    await repository.save(command, member, pointer="/identity")
    return await _settled(command, file, member, action=HistoryAction.MEMBER_CHANGED, changes=changes)


async def remove(
    command: Command, case_file_id: UUID, member_id: UUID, *, version: int, body: MemberRemoval
) -> MemberRead:
    """The person left; what is known of them stays. Raises as `change`, and HeadIsNeeded for the head."""
    file, member = await _present(command, case_file_id, member_id, version=version)
    if member.relation == Relation.HEAD:
        raise HeadIsNeeded
    changes = differences(member, {"left_on": body.left_on or today(), "left_reason": body.reason})
    for name, (_, after) in changes.items():
        setattr(member, name, after)
    member.in_force = False
    member.version += 1
    file.member_count -= 1
    return await _settled(command, file, member, action=HistoryAction.MEMBER_REMOVED, changes=changes)


async def _present(command: Command, case_file_id: UUID, member_id: UUID, *, version: int) -> tuple[CaseFile, Member]:
    file = await editable(command, case_file_id, version=None)
    member = await repository.find(command, case_file_id, member_id)
    if member is None:
        raise NotFound
    if member.version != version:
        raise PreconditionFailed
    return file, member


async def _settled(
    command: Command,
    file: CaseFile,
    member: Member,
    *,
    action: HistoryAction,
    changes: dict[str, tuple[object, object]],
) -> MemberRead:
    await settle(command, file, action=action, changes=changes, member_id=member.id)
    return await _read(command, member)


async def _read(command: Command, member: Member) -> MemberRead:
    return await queries.member(
        command.connection,
        member.case_file_id,
        member.id,
        scope=command.scope_range,
        restricted=sees_restricted(command.actor),
    )
