"""Requirements with what is published of them, institutions, applications, inquiries, deadlines and the commission.

A requirement that a source confirms holds from the beginning; one that nothing published confirms is there as a
proposal, and requires nothing until somebody signs it off.
"""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.chassis.migrations import public_read, scope

revision = "0003"
down_revision = "0002"

REQUIREMENTS = Path(__file__).parents[1] / "data" / "requirements.json"
SYSTEMS = Path(__file__).parents[1] / "data" / "national_systems.json"
CENTERS_OPENED = date(2021, 3, 8)
"""18 Esfand 1399: before that day nobody applied for a center of ours."""
BEGINNING = datetime(2021, 3, 8, tzinfo=UTC)
PUBLISHED = "system:licensing"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE commission_session (
            id uuid NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            version integer NOT NULL,
            status text NOT NULL,
            held_on date NOT NULL,
            seats jsonb NOT NULL,
            minutes_number text,
            minutes text,
            called_by text NOT NULL,
            called_at timestamptz NOT NULL,
            CONSTRAINT pk_commission_session PRIMARY KEY (id),
            CONSTRAINT ck_commission_session_status CHECK (status IN ('planned', 'open', 'closed')),
            CONSTRAINT ck_commission_session_jurisdiction CHECK (jurisdiction ~ '^[0-9]{2}$')
        )
        """
    )
    op.execute("CREATE INDEX ix_commission_session_jurisdiction ON commission_session (jurisdiction, held_on)")
    op.execute(
        """
        CREATE TABLE institution (
            id uuid NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            version integer NOT NULL,
            kind text NOT NULL,
            institution_id text,
            name text NOT NULL,
            registered_at timestamptz NOT NULL,
            registered_by text NOT NULL,
            CONSTRAINT pk_institution PRIMARY KEY (id),
            CONSTRAINT ck_institution_kind CHECK (kind IN ('legal', 'natural')),
            CONSTRAINT ck_institution_legal_person_has_an_id CHECK ((kind = 'legal') = (institution_id IS NOT NULL))
        )
        """
    )
    op.execute("CREATE INDEX ix_institution_jurisdiction ON institution (jurisdiction, id)")
    op.execute(
        "CREATE UNIQUE INDEX uq_institution_institution_id ON"
        " institution (jurisdiction, institution_id) WHERE institution_id IS NOT NULL"
    )
    op.execute(
        """
        CREATE TABLE national_system (
            code text NOT NULL,
            version integer NOT NULL,
            name_fa text NOT NULL,
            name_en text NOT NULL,
            stage text NOT NULL,
            connected boolean NOT NULL,
            down_since timestamptz,
            CONSTRAINT pk_national_system PRIMARY KEY (code)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE official_holiday (
            day date NOT NULL,
            name_fa text NOT NULL,
            set_by text NOT NULL,
            set_at timestamptz NOT NULL,
            CONSTRAINT pk_official_holiday PRIMARY KEY (day)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE requirement (
            id uuid NOT NULL,
            version integer NOT NULL,
            position integer NOT NULL,
            licence text NOT NULL,
            act text,
            clause_from integer NOT NULL,
            clause_to integer NOT NULL,
            kind text NOT NULL,
            code text NOT NULL,
            about text,
            name_fa text NOT NULL,
            name_en text NOT NULL,
            figures jsonb,
            valid_from date NOT NULL,
            valid_to date,
            standing text NOT NULL,
            source text NOT NULL,
            proposed_by text NOT NULL,
            proposed_at timestamptz NOT NULL,
            signed_off_by text,
            signed_off_at timestamptz,
            CONSTRAINT pk_requirement PRIMARY KEY (id),
            CONSTRAINT ck_requirement_standing CHECK (standing IN ('confirmed', 'proposed', 'signed-off')),
            CONSTRAINT ck_requirement_clauses
                CHECK (1 <= clause_from AND clause_from <= clause_to AND clause_to <= 13),
            CONSTRAINT ck_requirement_days_in_order CHECK (valid_to IS NULL OR valid_from < valid_to)
        )
        """
    )
    op.execute("CREATE INDEX ix_requirement_in_force ON requirement (licence, position) WHERE standing <> 'proposed'")
    op.execute(
        """
        CREATE TABLE institution_person (
            id uuid NOT NULL,
            institution_id uuid NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            role text NOT NULL,
            identity_type text NOT NULL,
            identity_value text NOT NULL,
            given_name text NOT NULL,
            family_name text NOT NULL,
            birth_date date,
            sex text,
            qualifications jsonb NOT NULL,
            added_at timestamptz NOT NULL,
            ended_on date,
            CONSTRAINT pk_institution_person PRIMARY KEY (id),
            CONSTRAINT fk_institution_person_institution_id FOREIGN KEY (institution_id) REFERENCES institution (id)
        )
        """
    )
    op.execute("CREATE INDEX ix_institution_person_institution_id ON institution_person (institution_id)")
    op.execute(
        "CREATE UNIQUE INDEX uq_institution_person_present ON"
        " institution_person (institution_id, role, identity_type, identity_value) WHERE ended_on IS NULL"
    )
    op.execute(
        """
        CREATE TABLE application (
            id uuid NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            version integer NOT NULL,
            number text NOT NULL,
            licence_kind text NOT NULL,
            act text NOT NULL,
            clause integer NOT NULL,
            founder_id uuid NOT NULL,
            institution_id text,
            holder_name text NOT NULL,
            manager_id uuid,
            center text,
            licence_id uuid,
            address text,
            postal_code text,
            activity_scope text,
            field_of_work text,
            capital_rials bigint,
            rules_on date NOT NULL,
            status text NOT NULL,
            status_since timestamptz NOT NULL,
            returned_from text,
            remarks text,
            need_stated_by text,
            needed boolean,
            need_reason text,
            opinion text,
            opinion_reason text,
            session_id uuid,
            round integer NOT NULL,
            decision text,
            decision_reason text,
            conditions jsonb NOT NULL,
            decided_on date,
            appeal_grounds text,
            registered_at timestamptz NOT NULL,
            registered_by text NOT NULL,
            received_on date,
            CONSTRAINT pk_application PRIMARY KEY (id),
            CONSTRAINT ck_application_clause CHECK (clause BETWEEN 1 AND 13),
            CONSTRAINT ck_application_jurisdiction CHECK (jurisdiction ~ '^([0-9]{4}|[0-9]{7})$'),
            CONSTRAINT ck_application_decision_whole CHECK ((decision IS NULL) = (decided_on IS NULL)),
            CONSTRAINT fk_application_founder_id FOREIGN KEY (founder_id) REFERENCES institution (id),
            CONSTRAINT fk_application_manager_id FOREIGN KEY (manager_id) REFERENCES institution_person (id),
            CONSTRAINT fk_application_session_id FOREIGN KEY (session_id) REFERENCES commission_session (id)
        )
        """
    )
    op.execute("CREATE INDEX ix_application_founder_id ON application (founder_id)")
    op.execute("CREATE INDEX ix_application_jurisdiction ON application (jurisdiction, id)")
    op.execute("CREATE INDEX ix_application_manager_id ON application (manager_id)")
    op.execute("CREATE INDEX ix_application_session_id ON application (session_id)")
    op.execute("CREATE UNIQUE INDEX uq_application_number ON application (number)")
    op.execute(
        """
        CREATE TABLE application_document (
            id uuid NOT NULL,
            application_id uuid NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            code text NOT NULL,
            person_id uuid,
            reference text NOT NULL,
            issued_on date,
            valid_until date,
            received_at timestamptz NOT NULL,
            received_by text NOT NULL,
            CONSTRAINT pk_application_document PRIMARY KEY (id),
            CONSTRAINT fk_application_document_application_id FOREIGN KEY (application_id) REFERENCES application (id)
        )
        """
    )
    op.execute(
        "CREATE UNIQUE INDEX uq_application_document_paper ON"
        " application_document (application_id, code, person_id) NULLS NOT DISTINCT"
    )
    op.execute(
        """
        CREATE TABLE application_step (
            id uuid NOT NULL,
            application_id uuid NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            kind text NOT NULL,
            at timestamptz NOT NULL,
            actor text NOT NULL,
            about jsonb NOT NULL,
            CONSTRAINT pk_application_step PRIMARY KEY (id),
            CONSTRAINT fk_application_step_application_id FOREIGN KEY (application_id) REFERENCES application (id)
        )
        """
    )
    op.execute("CREATE INDEX ix_application_step_application_id ON application_step (application_id, id)")
    op.execute(
        """
        CREATE TABLE commission_vote (
            application_id uuid NOT NULL,
            round integer NOT NULL,
            member text NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            session_id uuid NOT NULL,
            vote text NOT NULL,
            note text,
            voted_at timestamptz NOT NULL,
            CONSTRAINT pk_commission_vote PRIMARY KEY (application_id, round, member),
            CONSTRAINT ck_commission_vote_vote CHECK (vote IN ('for', 'against', 'abstain')),
            CONSTRAINT fk_commission_vote_application_id FOREIGN KEY (application_id) REFERENCES application (id),
            CONSTRAINT fk_commission_vote_session_id FOREIGN KEY (session_id) REFERENCES commission_session (id)
        )
        """
    )
    op.execute("CREATE INDEX ix_commission_vote_session_id ON commission_vote (session_id)")
    op.execute(
        """
        CREATE TABLE deadline (
            id uuid NOT NULL,
            application_id uuid NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            code text NOT NULL,
            office text NOT NULL,
            started_at timestamptz NOT NULL,
            counted_from date NOT NULL,
            days integer,
            due_on date,
            paused_at timestamptz,
            stopped_at timestamptz,
            reminders_left integer NOT NULL,
            reminded_at timestamptz,
            escalated_to text,
            escalated_at timestamptz,
            CONSTRAINT pk_deadline PRIMARY KEY (id),
            CONSTRAINT ck_deadline_due_by_rule CHECK ((due_on IS NULL) = (days IS NULL OR paused_at IS NOT NULL)),
            CONSTRAINT fk_deadline_application_id FOREIGN KEY (application_id) REFERENCES application (id)
        )
        """
    )
    op.execute("CREATE INDEX ix_deadline_application_id ON deadline (application_id)")
    op.execute(
        "CREATE INDEX ix_deadline_due_on ON"
        " deadline (due_on, jurisdiction, office) WHERE stopped_at IS NULL AND paused_at IS NULL"
    )
    op.execute("CREATE INDEX ix_deadline_jurisdiction ON deadline (jurisdiction, id)")
    op.execute("CREATE UNIQUE INDEX uq_deadline_open ON deadline (application_id, code) WHERE stopped_at IS NULL")
    op.execute(
        """
        CREATE TABLE inquiry (
            id uuid NOT NULL,
            application_id uuid NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            version integer NOT NULL,
            system text NOT NULL,
            stage text NOT NULL,
            about text NOT NULL,
            person_id uuid,
            legal_purpose text NOT NULL,
            asked_by text NOT NULL,
            asked_at timestamptz NOT NULL,
            sent_at timestamptz,
            counted_from date NOT NULL,
            days integer,
            extensions_left integer NOT NULL,
            valid_days integer,
            due_on date,
            overdue_at timestamptz,
            state text NOT NULL,
            result text,
            reference text,
            note text,
            valid_until date,
            settled_at timestamptz,
            evidence_by text,
            confirmed_by text,
            replaced_by uuid,
            CONSTRAINT pk_inquiry PRIMARY KEY (id),
            CONSTRAINT ck_inquiry_state
                CHECK (state IN (
                    'queued', 'asked', 'no-answer', 'evidence-given', 'ok', 'mismatch', 'manual-evidence')),
            CONSTRAINT ck_inquiry_settled
                CHECK ((state IN ('ok', 'mismatch', 'manual-evidence')) = (settled_at IS NOT NULL)),
            CONSTRAINT ck_inquiry_two_eyes CHECK (confirmed_by IS NULL OR confirmed_by <> evidence_by),
            CONSTRAINT fk_inquiry_application_id FOREIGN KEY (application_id) REFERENCES application (id),
            CONSTRAINT fk_inquiry_system FOREIGN KEY (system) REFERENCES national_system (code),
            CONSTRAINT fk_inquiry_person_id FOREIGN KEY (person_id) REFERENCES institution_person (id)
        )
        """
    )
    op.execute("CREATE INDEX ix_inquiry_application_id ON inquiry (application_id, id)")
    op.execute(
        "CREATE INDEX ix_inquiry_due_on ON"
        " inquiry (due_on, jurisdiction, system) WHERE state IN ('queued', 'asked', 'no-answer', 'evidence-given')"
        " AND replaced_by IS NULL"
    )
    op.execute("CREATE INDEX ix_inquiry_jurisdiction ON inquiry (jurisdiction, id)")
    op.execute("CREATE INDEX ix_inquiry_person_id ON inquiry (person_id)")
    op.execute("CREATE INDEX ix_inquiry_queued ON inquiry (system, id) WHERE state = 'queued' AND replaced_by IS NULL")
    op.execute(
        "CREATE INDEX ix_inquiry_valid_until ON"
        " inquiry (valid_until) WHERE settled_at IS NOT NULL AND replaced_by IS NULL"
    )
    op.execute("CREATE SEQUENCE application_number")
    for table in (
        "institution",
        "institution_person",
        "application",
        "application_document",
        "application_step",
        "inquiry",
        "deadline",
        "commission_session",
        "commission_vote",
    ):
        scope(op, table)
    public_read(op, "requirement", column=None, reason="what a licence takes is told to everyone")
    public_read(op, "official_holiday", column=None, reason="the official holidays are known to everyone")
    public_read(op, "national_system", column=None, reason="which bodies are asked, and whether they answer today")
    op.bulk_insert(
        sa.table(
            "national_system",
            *(sa.column(name) for name in ("code", "version", "name_fa", "name_en", "stage", "connected")),
        ),
        [{"version": 1, **each} for each in json.loads(SYSTEMS.read_text("utf-8"))],
    )
    texts = ("licence", "act", "kind", "code", "about", "name_fa", "name_en", "standing", "source", "proposed_by")
    numbers = ("version", "position", "clause_from", "clause_to")
    op.bulk_insert(
        sa.table(
            "requirement",
            sa.column("id", sa.Uuid),
            *(sa.column(name) for name in (*texts, *numbers)),
            sa.column("figures", JSONB(none_as_null=True)),
            sa.column("valid_from", sa.Date),
            sa.column("proposed_at", sa.DateTime(timezone=True)),
        ),
        [
            {
                **each,
                "id": UUID(each["id"]),
                "version": 1,
                "valid_from": CENTERS_OPENED,
                "proposed_by": PUBLISHED,
                "proposed_at": BEGINNING,
            }
            for each in json.loads(REQUIREMENTS.read_text("utf-8"))
        ],
    )
