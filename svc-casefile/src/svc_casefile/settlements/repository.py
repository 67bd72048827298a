"""Writes of settlements. A province is reckoned in a handful of statements, never line by line."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import asyncpg

from shared.chassis.database import Command
from shared.kit.calendar import JalaliMonth
from svc_casefile.settlements.models import SettlementCorrection, SettlementDispute
from svc_casefile.settlements.schemas import CareRule, Reason, SettlementStatus

AT_ONCE = 40
"""Centers reckoned in one statement: the planner knows nothing of what is in between, and compares all with all."""


def _in_force(name: str) -> str:
    """The value of a dated parameter for the center `m` on the last day of its month; the narrowest place decides."""
    return f"""
        (SELECT value FROM parameter WHERE name = '{name}' AND starts_with(m.center, parameter.jurisdiction)
            AND valid_from <= m.last_day AND (valid_to IS NULL OR valid_to >= m.last_day)
          ORDER BY length(parameter.jurisdiction) DESC, valid_from DESC LIMIT 1)
    """


def _tariff(*, service: str, area: str, center: str, day: str) -> str:
    """The tariff of a service on a day, as `t`; of several the one of the narrowest place.

    The expressions name their table: what is called as a column of `tariff` would be that column.
    """
    return f"""
        LEFT JOIN LATERAL (
            SELECT id AS tariff_id, version AS tariff_version, amount_rials AS tariff_rials FROM tariff
             WHERE service_code = {service} AND area_class = {area} AND starts_with({center}, tariff.jurisdiction)
               AND valid_from <= {day} AND (valid_to IS NULL OR valid_to >= {day})
             ORDER BY length(tariff.jurisdiction) DESC, valid_from DESC LIMIT 1) AS t ON true
    """


def _tehran(moment: str) -> str:
    return f"({moment} AT TIME ZONE 'Asia/Tehran')::date"


_WHOLE = f"({CareRule.AT_THE_END}, {CareRule.FROM_A_MINIMUM})"
_SPAN = """
    ARRAY(SELECT center FROM draft),
    (SELECT min(first_day)::timestamp AT TIME ZONE 'Asia/Tehran' FROM draft),
    (SELECT (least(min(last_day), $2) + 1)::timestamp AT TIME ZONE 'Asia/Tehran' FROM draft),
    -- whoever wrote while a statement was being closed had begun before
    (SELECT min(closed_at) - interval '1 hour' FROM earlier WHERE last_word)
"""
_UNPRICED = f"('{Reason.NO_TARIFF}', '{Reason.NO_RULE}')"
_LINE = (
    "id, settlement_id, position, jurisdiction, month, kind, entry, case_file_id, ref, worker, payer_category,"
    " area_class, service_code, from_day, to_day, days, of_days, counted, reason, tariff_id, tariff_version,"
    " tariff_rials, total_rials, follows"
)
_CANDIDATE = (
    "case_file_id, worker, payer_category, area_class, service_code, from_day, to_day, days, of_days, reason,"
    " tariff_id, tariff_version, tariff_rials, follows"
)

# $1: the drafts, all of one month; $2: the last day that can be counted.
# A day is of whoever has the file when it ends, so that of each file each day counts once at the most.
_RECKON = f"""
    WITH draft AS MATERIALIZED (
        SELECT id, jurisdiction AS center, month, first_day, last_day FROM settlement WHERE id = ANY($1)
    ), earlier AS MATERIALIZED (
        -- what was closed before; a month that was closed before it was over goes on in the statement that follows
        SELECT closed.*, counted_to < last_day AND last_word AS cut_short
          FROM (SELECT e.id, e.jurisdiction AS center, e.month, e.first_day, e.last_day, e.counted_to, e.unpriced,
                       e.closed_at,
                       NOT EXISTS (SELECT FROM settlement AS later
                                    WHERE later.jurisdiction = e.jurisdiction AND later.month > e.month
                                      AND later.closed_at > e.closed_at) AS last_word
                  FROM draft JOIN settlement AS e ON e.jurisdiction = draft.center AND e.month < draft.month
                 WHERE e.status <> '{SettlementStatus.DRAFT}') AS closed
    ), ruled AS MATERIALIZED (
        SELECT m.*, m.last_day - m.first_day + 1 AS month_days,
               {_in_force("settlement-care-rule")} AS care_rule,
               'S' || lpad({_in_force("settlement-care-service")}::text, 2, '0') AS care_service,
               {_in_force("settlement-care-minimum-days")} AS care_minimum,
               'S' || lpad({_in_force("settlement-visit-service")}::text, 2, '0') AS visit_service
          FROM (SELECT center, month, first_day, last_day, first_day AS since, least(last_day, $2) AS until,
                       false AS late, false AS cut_short FROM draft
                UNION ALL
                SELECT center, month, first_day, last_day,
                       CASE WHEN cut_short THEN counted_to ELSE last_day END + 1, last_day, true, cut_short
                  FROM earlier) AS m
    ), asked AS MATERIALIZED (
        SELECT ruled.*, CASE WHEN cut_short AND care_rule IN {_WHOLE} THEN first_day ELSE since END AS care_since,
               (care_rule = {CareRule.BY_DAYS} OR care_rule = {CareRule.AT_THE_END}
                OR care_rule = {CareRule.FROM_A_MINIMUM} AND care_minimum IS NOT NULL)
               AND care_service IS NOT NULL AS decided,
               CASE WHEN care_rule = {CareRule.BY_DAYS} THEN month_days END AS of_days
          FROM ruled
    ), held AS MATERIALIZED (
        SELECT center, month, case_file_id, worker, payer_category, area_class, active, follows,
               from_day, to_day, to_day - from_day + 1 AS days
          FROM (SELECT asked.center, asked.month, r.case_file_id, r.worker, r.payer_category,
                       coalesce(r.area_class, center.area_class) AS area_class, r.status = 'active' AS active,
                       greatest({_tehran("r.since")}, asked.care_since) AS from_day,
                       least({_tehran("r.until")} - 1, asked.until) AS to_day, NULL::uuid AS follows
                  FROM asked
                  JOIN center ON center.code = asked.center
                  JOIN responsibility AS r ON r.jurisdiction = asked.center
                 WHERE asked.care_since <= asked.until
                   AND r.since < (asked.until + 1)::timestamp AT TIME ZONE 'Asia/Tehran'
                   AND (r.until IS NULL OR r.until >= asked.care_since::timestamp AT TIME ZONE 'Asia/Tehran')
                UNION ALL
                -- what lacked nothing but a tariff or a rule, and may have it now
                SELECT l.jurisdiction, l.month, l.case_file_id, l.worker, l.payer_category, l.area_class, true,
                       l.from_day, l.to_day, l.id
                  FROM earlier JOIN settlement_line AS l ON l.settlement_id = earlier.id
                  JOIN asked ON asked.center = l.jurisdiction AND asked.month = l.month
                 WHERE earlier.unpriced > 0 AND l.kind = 'care' AND l.entry = 'original' AND l.reason IN {_UNPRICED}
                   AND NOT (asked.cut_short AND asked.care_rule IN {_WHOLE})
                   AND NOT EXISTS (SELECT FROM settlement_correction AS c WHERE c.line_id = l.id)
                   AND NOT EXISTS (SELECT FROM settlement_line AS after JOIN settlement ON settlement.id = settlement_id
                                    WHERE after.follows = l.id AND settlement.status <> '{SettlementStatus.DRAFT}')
               ) AS period
         WHERE from_day <= to_day
    ), run AS MATERIALIZED (
        -- days one after another that one tariff holds for, or none does
        SELECT center, month, area_class, tariff_id, tariff_version, tariff_rials,
               min(day) AS first_day, max(day) AS last_day
          FROM (SELECT priced.*, day - row_number() OVER (PARTITION BY center, month, area_class, tariff_id
                                                          ORDER BY day)::integer AS island
                  FROM (SELECT wanted.center, wanted.month, wanted.area_class, day, t.*
                          FROM (SELECT DISTINCT center, month, held.area_class, first_day, last_day, care_service
                                  FROM held JOIN asked USING (center, month)
                                 WHERE held.active AND asked.decided AND care_rule = {CareRule.BY_DAYS}) AS wanted
                         CROSS JOIN generate_series(0, wanted.last_day - wanted.first_day) AS n
                         CROSS JOIN LATERAL (SELECT wanted.first_day + n AS day) AS on_a
                         {
    _tariff(service="wanted.care_service", area="wanted.area_class", center="wanted.center", day="day")
}) AS priced) AS islands
         GROUP BY center, month, area_class, tariff_id, tariff_version, tariff_rials, island
    ), by_days AS MATERIALIZED (
        SELECT held.center, held.month, case_file_id, worker, payer_category, held.area_class, care_service,
               greatest(held.from_day, run.first_day) AS from_day, least(held.to_day, run.last_day) AS to_day,
               of_days, tariff_id, tariff_version, tariff_rials, follows,
               bool_or(tariff_id IS NOT NULL) OVER (PARTITION BY follows) AS some_priced
          FROM held JOIN asked USING (center, month)
          JOIN run ON run.center = held.center AND run.month = held.month AND run.area_class = held.area_class
                  AND run.first_day <= held.to_day AND run.last_day >= held.from_day
         WHERE held.active AND asked.decided AND care_rule = {CareRule.BY_DAYS}
    ), whole AS MATERIALIZED (
        SELECT together.*, t.*,
               CASE WHEN care_rule = {CareRule.AT_THE_END} AND to_day < until THEN '{Reason.NOT_HELD_AT_THE_END}'
                    WHEN care_rule = {CareRule.FROM_A_MINIMUM} AND days < care_minimum THEN '{Reason.TOO_FEW_DAYS}'
                    WHEN tariff_id IS NULL THEN '{Reason.NO_TARIFF}' END AS reason
          FROM (SELECT center, month, case_file_id, worker, care_service, care_rule, care_minimum, until, late,
                       (array_agg(payer_category ORDER BY to_day DESC))[1] AS payer_category,
                       (array_agg(area_class ORDER BY to_day DESC))[1] AS area_class,
                       (array_agg(follows ORDER BY to_day DESC))[1] AS follows,
                       min(from_day) AS from_day, max(to_day) AS to_day, sum(days)::integer AS days
                  FROM held JOIN asked USING (center, month)
                 WHERE held.active AND asked.decided AND care_rule IN {_WHOLE}
                 GROUP BY center, month, case_file_id, worker, care_service, care_rule, care_minimum, until, late
               ) AS together
          {_tariff(service="together.care_service", area="together.area_class", center="together.center", day="to_day")}
    ), work AS MATERIALIZED (
        SELECT v.center, ruled.month, 'visit' AS kind, v.id AS ref, v.case_file_id, v.visited_by AS worker,
               v.payer_category, coalesce(v.area_class, center.area_class) AS area_class, visit_service AS service_code,
               {_tehran("v.visited_at")} AS day, v.visited_at AS at, NULL::uuid AS follows,
               CASE WHEN v.status IS DISTINCT FROM 'active' THEN '{Reason.FILE_NOT_ACTIVE}'
                    WHEN v.outcome <> 'met' THEN '{Reason.NOT_MET}'
                    WHEN NOT v.place_plausible THEN '{Reason.VISIT_IMPLAUSIBLE}' END AS hindrance
          FROM visits_of_centers({_SPAN}) AS v
          JOIN ruled ON ruled.center = v.center AND {_tehran("v.visited_at")} BETWEEN ruled.first_day AND ruled.last_day
          JOIN center ON center.code = v.center
         WHERE NOT EXISTS (SELECT FROM settlement_line AS known JOIN settlement ON settlement.id = settlement_id
                            WHERE known.ref = v.id AND settlement.status <> '{SettlementStatus.DRAFT}')
        UNION ALL
        SELECT d.center, ruled.month, 'delivery', d.id, d.case_file_id, d.delivered_by, d.payer_category,
               coalesce(d.area_class, center.area_class), d.service_code, {_tehran("d.delivered_at")}, d.delivered_at,
               NULL, NULL
          FROM deliveries_of_centers({_SPAN}) AS d
          JOIN ruled ON ruled.center = d.center
                    AND {_tehran("d.delivered_at")} BETWEEN ruled.first_day AND ruled.last_day
          JOIN center ON center.code = d.center
         WHERE NOT EXISTS (SELECT FROM settlement_line AS known JOIN settlement ON settlement.id = settlement_id
                            WHERE known.ref = d.id AND settlement.status <> '{SettlementStatus.DRAFT}')
        UNION ALL
        SELECT l.jurisdiction, l.month, l.kind, l.ref, l.case_file_id, l.worker, l.payer_category, l.area_class,
               coalesce(l.service_code, visit_service), l.to_day, l.to_day::timestamptz, l.id, NULL
          FROM earlier JOIN settlement_line AS l ON l.settlement_id = earlier.id
          JOIN ruled ON ruled.center = l.jurisdiction AND ruled.month = l.month
         WHERE earlier.unpriced > 0 AND l.kind <> 'care' AND l.entry = 'original' AND l.reason IN {_UNPRICED}
           AND NOT EXISTS (SELECT FROM settlement_correction AS c WHERE c.line_id = l.id)
           AND NOT EXISTS (SELECT FROM settlement_line AS after JOIN settlement ON settlement.id = settlement_id
                            WHERE after.follows = l.id AND settlement.status <> '{SettlementStatus.DRAFT}')
    ), worked AS (
        SELECT once.*, t.*,
               CASE WHEN hindrance IS NOT NULL THEN hindrance WHEN repeated THEN '{Reason.VISIT_REPEATED}'
                    WHEN service_code IS NULL THEN '{Reason.NO_RULE}'
                    WHEN tariff_id IS NULL THEN '{Reason.NO_TARIFF}' END AS reason
          FROM (SELECT work.*, kind = 'visit' AND hindrance IS NULL AND (
                       row_number() OVER (PARTITION BY center, month, kind, case_file_id, hindrance
                                          ORDER BY at, ref) > 1
                       OR EXISTS (SELECT FROM settlement_line AS known JOIN settlement ON settlement.id = settlement_id
                                   WHERE known.case_file_id = work.case_file_id AND known.month = work.month
                                     AND known.kind = 'visit' AND known.counted AND known.ref <> work.ref
                                     AND known.jurisdiction = work.center
                                     AND settlement.status <> '{SettlementStatus.DRAFT}')) AS repeated
                  FROM work) AS once
          {_tariff(service="once.service_code", area="once.area_class", center="once.center", day="day")}
    ), candidate ({"center, month, kind, ref, " + _CANDIDATE}) AS MATERIALIZED (
        SELECT center, month, 'care', NULL::uuid, case_file_id, worker, payer_category, area_class, care_service,
               greatest(from_day, since), to_day, to_day - greatest(from_day, since) + 1, of_days,
               '{Reason.FILE_NOT_ACTIVE}', NULL::uuid, NULL::integer, NULL::bigint, follows
          FROM held JOIN asked USING (center, month) WHERE NOT held.active AND to_day >= since
        UNION ALL
        SELECT center, month, 'care', NULL, case_file_id, worker, payer_category, area_class, NULL,
               from_day, to_day, days, NULL, '{Reason.NO_RULE}', NULL, NULL, NULL, follows
          FROM held JOIN asked USING (center, month)
         WHERE held.active AND asked.decided IS NOT TRUE AND follows IS NULL
        UNION ALL
        SELECT center, month, 'care', NULL, case_file_id, worker, payer_category, area_class, care_service,
               from_day, to_day, to_day - from_day + 1, of_days,
               CASE WHEN tariff_id IS NULL THEN '{Reason.NO_TARIFF}' END,
               tariff_id, tariff_version, tariff_rials, follows
          FROM by_days WHERE follows IS NULL OR some_priced
        UNION ALL
        SELECT center, month, 'care', NULL, case_file_id, worker, payer_category, area_class, care_service,
               from_day, to_day, days, NULL, reason, tariff_id, tariff_version, tariff_rials, follows
          FROM whole
         WHERE NOT late
            OR NOT EXISTS (SELECT FROM settlement_line AS known JOIN settlement ON settlement.id = settlement_id
                            WHERE settlement.status <> '{SettlementStatus.DRAFT}' AND known.kind = 'care'
                              AND known.case_file_id = whole.case_file_id AND known.month = whole.month
                              AND known.jurisdiction = whole.center AND known.worker IS NOT DISTINCT FROM whole.worker
                              AND (known.counted OR whole.reason IS NOT NULL))
        UNION ALL
        SELECT center, month, kind, ref, case_file_id, worker, payer_category, area_class, service_code, day, day, 1,
               NULL, reason, tariff_id, tariff_version, tariff_rials, follows
          FROM worked WHERE follows IS NULL OR reason IS NULL
    )
    INSERT INTO settlement_line ({_LINE})
    SELECT md5(ROW(draft.id, c.month, kind, case_file_id, ref, worker, from_day, follows)::text)::uuid, draft.id,
           row_number() OVER (PARTITION BY draft.id
                              ORDER BY c.month, kind, case_file_id, from_day, worker, ref, follows),
           center, c.month, kind, 'original', case_file_id, ref, worker, payer_category, area_class, service_code,
           from_day, to_day, days, of_days, reason IS NULL, reason, tariff_id, tariff_version, tariff_rials,
           CASE WHEN reason IS NOT NULL THEN 0
                WHEN of_days IS NULL THEN tariff_rials ELSE tariff_rials * days / of_days END,
           follows
      FROM candidate AS c JOIN draft USING (center)
"""

# a closed line that was decided to be wrong: what it came to is taken back, and what it should have said is added
_CORRECT = f"""
    INSERT INTO settlement_line ({_LINE})
    SELECT md5(ROW(draft.id, c.id, made)::text)::uuid, draft.id,
           (SELECT count(*) FROM settlement_line AS l WHERE l.settlement_id = draft.id)
           + row_number() OVER (PARTITION BY draft.id ORDER BY c.made_at, c.id, made DESC),
           draft.jurisdiction, line.month, kind, made, case_file_id, ref, worker, payer_category, area_class,
           service_code, from_day, to_day, CASE made WHEN 'reversal' THEN -line.days ELSE c.days END, of_days,
           CASE made WHEN 'reversal' THEN line.reason ELSE decided END IS NULL,
           CASE made WHEN 'reversal' THEN line.reason ELSE decided END,
           CASE made WHEN 'reversal' THEN line.tariff_id ELSE t.tariff_id END,
           CASE made WHEN 'reversal' THEN line.tariff_version ELSE t.tariff_version END,
           CASE made WHEN 'reversal' THEN line.tariff_rials ELSE t.tariff_rials END,
           CASE WHEN made = 'reversal' THEN -line.total_rials
                WHEN decided IS NOT NULL THEN 0
                WHEN of_days IS NULL THEN t.tariff_rials ELSE t.tariff_rials * c.days / of_days END,
           line.id
      FROM settlement AS draft
      JOIN settlement_correction AS c ON c.jurisdiction = draft.jurisdiction AND c.settlement_id IS NULL
      JOIN settlement_line AS line ON line.id = c.line_id
     CROSS JOIN unnest(ARRAY['reversal', 'correction']) AS made
      {_tariff(service="line.service_code", area="line.area_class", center="draft.jurisdiction", day="line.to_day")}
     CROSS JOIN LATERAL (
        SELECT CASE WHEN NOT c.counts THEN '{Reason.DECIDED}' WHEN line.service_code IS NULL THEN '{Reason.NO_RULE}'
                    WHEN t.tariff_id IS NULL THEN '{Reason.NO_TARIFF}' END AS decided) AS said
     WHERE draft.id = ANY($1)
"""

_SHARE = """
    INSERT INTO settlement_share (settlement_id, worker, jurisdiction, lines, counted, total_rials)
    SELECT settlement_id, coalesce(worker, ''), jurisdiction, count(*), count(*) FILTER (WHERE counted),
           sum(total_rials)
      FROM settlement_line WHERE settlement_id = ANY($1) GROUP BY 1, 2, 3
"""

_SUM_UP = f"""
    WITH summed AS MATERIALIZED (
        SELECT settlement_id, count(*) AS lines, count(*) FILTER (WHERE counted) AS counted,
               count(*) FILTER (WHERE reason IN {_UNPRICED}) AS unpriced, sum(total_rials) AS total_rials,
               md5(string_agg(ROW(month, kind, entry, case_file_id, ref, worker, payer_category, area_class,
                                  service_code, from_day, to_day, days, of_days, counted, reason, tariff_id,
                                  tariff_version, tariff_rials, total_rials, follows)::text,
                              E'\\n' ORDER BY position)) AS digest
          FROM settlement_line WHERE settlement_id = ANY($1) GROUP BY settlement_id
    ), said AS MATERIALIZED (
        SELECT id, coalesce(lines, 0) AS lines, coalesce(counted, 0) AS counted, coalesce(unpriced, 0) AS unpriced,
               coalesce(total_rials, 0) AS total_rials, coalesce(digest, md5('')) AS digest
          FROM unnest($1::uuid[]) AS draft (id) LEFT JOIN summed ON summed.settlement_id = draft.id
    )
    UPDATE settlement
       SET version = version + (CASE WHEN said.digest = settlement.digest THEN 0 ELSE 1 END),
           counted_to = least(last_day, $2), digest = said.digest, lines = said.lines, counted = said.counted,
           unpriced = said.unpriced, total_rials = said.total_rials, drafted_at = $3, drafted_by = $4
      FROM said WHERE settlement.id = said.id
"""


async def begin(command: Command, month: JalaliMonth, *, centers: Sequence[tuple[UUID, str]], counted_to: date) -> None:
    """An empty draft for each center (with the id it would have) that has no statement for the month."""
    await command.connection.execute(
        """
        INSERT INTO settlement (id, jurisdiction, month, first_day, last_day, counted_to, version, status, digest,
                                lines, counted, unpriced, total_rials, drafted_at, drafted_by)
        SELECT id, center, $3, $4, $5, $6, 0, 'draft', '', 0, 0, 0, 0, $7, $8
          FROM unnest($1::uuid[], $2::text[]) AS new (id, center) ORDER BY center
        ON CONFLICT (jurisdiction, month) DO NOTHING
        """,
        [settlement_id for settlement_id, _ in centers],
        [center for _, center in centers],
        month,
        month.first_day,
        month.last_day,
        counted_to,
        command.now,
        command.actor.subject,
    )


async def reckon(command: Command, drafts: Sequence[UUID], *, counted_to: date) -> None:
    """Make locked drafts anew from what is known now. What is closed is not touched, by policy."""
    for first in range(0, len(drafts), AT_ONCE):
        await _reckon(command.connection, [*drafts[first : first + AT_ONCE]], counted_to=counted_to, by=command)


async def _reckon(connection: asyncpg.Connection, ids: list[UUID], *, counted_to: date, by: Command) -> None:
    await connection.execute("DELETE FROM settlement_line WHERE settlement_id = ANY($1)", ids)
    await connection.execute("DELETE FROM settlement_share WHERE settlement_id = ANY($1)", ids)
    await connection.execute(_RECKON, ids, counted_to)
    await connection.execute(_CORRECT, ids)
    await connection.execute(_SHARE, ids)
    await connection.execute(_SUM_UP, ids, counted_to, by.now, by.actor.subject)


async def one_at_a_time(command: Command, center: str) -> None:
    """Until the transaction ends, no other statement of the center is closed: the same could count in both."""
    await command.connection.execute("SELECT pg_advisory_xact_lock(hashtext('settlement'), $1)", int(center))


async def close(command: Command, settlement_id: UUID) -> None:
    await command.connection.execute(
        "UPDATE settlement_correction SET settlement_id = $1 WHERE settlement_id IS NULL AND line_id IN"
        " (SELECT follows FROM settlement_line WHERE settlement_id = $1 AND entry = 'correction')",
        settlement_id,
    )
    await command.connection.execute(
        "UPDATE settlement SET status = 'closed', version = version + 1, closed_at = $2, closed_by = $3 WHERE id = $1",
        settlement_id,
        command.now,
        command.actor.subject,
    )


async def approve(command: Command, settlement_id: UUID) -> None:
    await command.connection.execute(
        "UPDATE settlement SET status = 'approved', version = version + 1, approved_at = $2, approved_by = $3"
        " WHERE id = $1",
        settlement_id,
        command.now,
        command.actor.subject,
    )


async def pay(command: Command, settlement_id: UUID, *, paid_on: date, reference: str) -> None:
    await command.connection.execute(
        "UPDATE settlement SET status = 'paid', version = version + 1, paid_at = $2, paid_by = $3, paid_on = $4,"
        " payment_reference = $5 WHERE id = $1",
        settlement_id,
        command.now,
        command.actor.subject,
        paid_on,
        reference,
    )


def add(command: Command, row: SettlementCorrection | SettlementDispute) -> None:
    command.session.add(row)


async def hold_dispute(command: Command, dispute_id: UUID) -> SettlementDispute | None:
    """The dispute, if it is in the scope, locked until the command ends."""
    return await command.session.get(SettlementDispute, dispute_id, with_for_update=True)
