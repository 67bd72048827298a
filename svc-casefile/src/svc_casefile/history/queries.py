"""A file as it was, found by going backwards from what it is through what made each version."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.chassis.database import Query
from shared.kit.jurisdiction import Jurisdiction
from shared.kit.problems import NotFound
from svc_casefile.history.errors import HistoryIncomplete, NotYetOpened
from svc_casefile.households.queries import FILE, utc
from svc_casefile.households.schemas import CaseFileRead, HistoryAction
from svc_casefile.members.queries import BY_ID
from svc_casefile.members.schemas import Relation, Restricted

State = dict[str, Any]

# one statement, so that file, members and history are of one moment
_WHOLE = f"""
    SELECT target.version AS target, row_to_json(file) AS file,
        (SELECT json_agg(row_to_json(m)) FROM (
            SELECT id, version, relation, id_type, id_value, given_name, family_name, father_name, birth_date, sex,
                   marital_status, education, occupation, insurance, illness, disability_type, disability_severity,
                   guardian, addiction, prison, missing, left_on, left_reason
            FROM member WHERE case_file_id = file.id) m) AS members,
        (SELECT json_agg(row_to_json(h) ORDER BY h.version DESC) FROM (
            SELECT version, action, member_id, changes
            FROM case_file_history WHERE case_file_id = file.id AND version > target.version) h) AS later,
        (SELECT json_build_object('at', {utc("at")}, 'actor', actor)
         FROM case_file_history WHERE case_file_id = file.id AND version = target.version) AS made,
        (SELECT {utc("at")} FROM case_file_history WHERE case_file_id = file.id AND version <= target.version
            AND (action = 'opened' OR changes ? 'status') ORDER BY version DESC LIMIT 1) AS status_since
    FROM (SELECT {FILE} FROM case_file f WHERE f.id = $1 AND f.jurisdiction >= $2 AND f.jurisdiction < $3) AS file
    LEFT JOIN LATERAL (
        SELECT version FROM case_file_history WHERE case_file_id = file.id AND at <= $4 ORDER BY version DESC LIMIT 1
    ) AS target ON true
"""


async def as_of(query: Query, case_file_id: UUID, *, at: datetime, restricted: bool) -> CaseFileRead:
    """The file as whoever read it at that moment was shown it, in full or (`restricted` false) in part.

    It is what the platform held then: what had happened but was not yet reported is not in it. What cannot be known is
    what came before the platform: a file that was taken over from an older system begins with its import. Raises
    NotFound when the file is not in the scope now (where it was then does not matter), NotYetOpened, and
    HistoryIncomplete for a file whose head changed under a release that did not keep what the new head had been.
    """
    row = await query.fetchrow(_WHOLE, case_file_id, *BY_ID, at)
    if row is None:
        raise NotFound
    if row["target"] is None:
        raise NotYetOpened
    file: State = row["file"]
    restricted = restricted and query.scope.covers(Jurisdiction(file["jurisdiction"]))
    members: dict[str, State] = {member["id"]: member for member in row["members"]}
    for entry in row["later"] or ():
        _undo(file, members, entry)
    return CaseFileRead.model_validate(
        file
        | {
            "version": row["target"],
            "status_since": row["status_since"],
            "updated_at": row["made"]["at"],
            "updated_by": row["made"]["actor"],
            "members": [
                _shown(member, restricted=restricted)
                for member in sorted(members.values(), key=lambda m: (m["relation"] != Relation.HEAD, m["id"]))
                if member["left_on"] is None
            ],
        }
    )


def _undo(file: State, members: dict[str, State], entry: Mapping[str, Any]) -> None:
    """Take one version back. Everything later is taken back already, so what a new member brought goes with them."""
    before = {name: values[0] for name, values in entry["changes"].items()}
    member_id = entry["member_id"]
    match entry["action"]:
        case HistoryAction.MEMBER_ADDED:
            del members[member_id]
            file["member_count"] -= 1
        case HistoryAction.MEMBER_CHANGED | HistoryAction.MEMBER_REMOVED:
            members[member_id] |= before | {"version": members[member_id]["version"] - 1}
            file["member_count"] += entry["action"] == HistoryAction.MEMBER_REMOVED
        case HistoryAction.HEAD_CHANGED:
            if "relation" not in before:
                raise HistoryIncomplete(before_version=entry["version"])
            for person, relation in ((member_id, before["relation"]), (before["head"], Relation.HEAD)):
                members[person] |= {"relation": relation, "version": members[person]["version"] - 1}
        case _:
            file |= before


def _shown(member: State, *, restricted: bool) -> State:
    """A member's row as MemberRead has it."""
    identity = None if member["id_type"] is None else {"type": member["id_type"], "value": member["id_value"]}
    flags = {name: member[name] for name in Restricted.model_fields} if restricted else None
    return member | {"identity": identity, "restricted": flags}
