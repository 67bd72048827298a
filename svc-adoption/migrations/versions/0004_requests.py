"""Requests with what hangs on them: all that is told of a family is sealed."""

from alembic import context, op

from shared.chassis.migrations import FROM, TO, follow

revision = "0004"
down_revision = "0003"

SEALED = """
            key_id text NOT NULL,
            sealed bytea NOT NULL
"""


def upgrade() -> None:
    _requests()
    _about_requests()
    _decisions()


def _requests() -> None:
    op.execute(
        f"""
        CREATE TABLE request (
            id uuid CONSTRAINT pk_request PRIMARY KEY,
            jurisdiction text COLLATE "C" NOT NULL,
            version integer NOT NULL,
            form text NOT NULL,
            category text NOT NULL,
            relatives boolean NOT NULL,
            status text NOT NULL CONSTRAINT ck_request_status CHECK (status IN (
                'draft', 'submitted', 'incomplete', 'interview', 'assessment', 'home-visit', 'reported', 'committee',
                'deferred', 'waiting', 'matched', 'introduced', 'trial', 'final', 'placed', 'ended', 'rejected',
                'withdrawn', 'expired', 'revoked')),
            status_since timestamptz NOT NULL,
            process text,
            requirement_id uuid CONSTRAINT fk_request_requirement_id REFERENCES requirement (id),
            registered_at timestamptz NOT NULL,
            registered_by text NOT NULL,
            submitted_at timestamptz,
            referred_at timestamptz,
            waiting_since timestamptz,
            child_sex text NOT NULL,
            child_from_months integer NOT NULL,
            child_to_months integer NOT NULL,
            child_health text NOT NULL,
            siblings integer NOT NULL,
            identities bytea[] NOT NULL,
            {SEALED},
            CONSTRAINT ck_request_ages_in_order CHECK (child_from_months < child_to_months)
        )
        """
    )
    op.execute("CREATE INDEX ix_request_jurisdiction ON request (jurisdiction, id)")
    op.execute("CREATE INDEX ix_request_status ON request (status, jurisdiction)")
    op.execute("CREATE INDEX ix_request_identities ON request USING gin (identities)")
    op.execute("ALTER TABLE request ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE request FORCE ROW LEVEL SECURITY")
    # as `scope`, and besides: a center, whose scope is its code of seven digits, sees what it registered until the
    # committee has it. Everything that hangs on a request follows it, so this holds for all of it.
    covered = f"jurisdiction >= {FROM} AND jurisdiction < {TO}"
    seen = f"{covered} AND (referred_at IS NULL OR length({FROM}) < 7)"
    op.execute(f"CREATE POLICY scoped_until_the_committee ON request USING ({seen}) WITH CHECK ({seen})")
    # Looks at the whole nation on purpose, and tells nothing but yes or no. The owner is bound by the policies as well,
    # so the function takes the nation's scope and gives the caller's back.
    op.execute(
        """
        CREATE FUNCTION asked_elsewhere(but uuid, indexes bytea[]) RETURNS boolean
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
        AS $$
        DECLARE
            scope_from text := current_setting('app.scope_from', true);
            scope_to text := current_setting('app.scope_to', true);
            found boolean;
        BEGIN
            PERFORM set_config('app.scope_from', '', true), set_config('app.scope_to', chr(58), true);
            found := EXISTS (
                SELECT FROM public.request
                WHERE request.identities && indexes AND request.id <> but AND request.submitted_at IS NOT NULL
                  AND request.status NOT IN
                      ('draft', 'final', 'placed', 'ended', 'rejected', 'withdrawn', 'expired', 'revoked'));
            PERFORM set_config('app.scope_from', scope_from, true), set_config('app.scope_to', scope_to, true);
            RETURN found;
        END
        $$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION asked_elsewhere FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION asked_elsewhere TO "{context.config.attributes["application_role"]}"')


def _about_requests() -> None:
    tables = {
        "document": "kind text NOT NULL, applicant integer, valid_until date, {recorded}, {sealed}",
        "exemption": "kind text NOT NULL, {recorded}, {sealed}",
        "report": "kind text NOT NULL, {recorded}, {sealed}",
        "assessment": """
            kind text NOT NULL,
            state text NOT NULL
                CONSTRAINT ck_assessment_state CHECK (state IN ('awaited', 'asked', 'passed', 'failed')),
            asked_at timestamptz,
            asked_by text,
            answered_on date,
            answered_by text,
            valid_until date,
            {sealed}
        """,
        "request_step": (
            "step text NOT NULL, status text NOT NULL, at timestamptz NOT NULL, actor text NOT NULL,"
            " about jsonb NOT NULL"
        ),
    }
    recorded = "recorded_at timestamptz NOT NULL, recorded_by text NOT NULL"
    for table, columns in tables.items():
        op.execute(
            f"""
            CREATE TABLE {table} (
                id uuid CONSTRAINT pk_{table} PRIMARY KEY,
                request_id uuid NOT NULL CONSTRAINT fk_{table}_request_id REFERENCES request (id),
                {columns.format(recorded=recorded, sealed=SEALED)}
            )
            """
        )
        if table == "assessment":
            op.execute("CREATE UNIQUE INDEX uq_assessment_kind ON assessment (request_id, kind)")
        else:
            op.execute(f"CREATE INDEX ix_{table}_request_id ON {table} (request_id, id)")
        follow(op, table, "request", key="request_id")
    for table in ("document", "assessment"):
        op.execute(f"CREATE INDEX ix_{table}_valid_until ON {table} (valid_until)")


def _decisions() -> None:
    op.execute(
        f"""
        CREATE TABLE decision (
            id uuid CONSTRAINT pk_decision PRIMARY KEY,
            request_id uuid NOT NULL CONSTRAINT fk_decision_request_id REFERENCES request (id),
            version integer NOT NULL,
            outcome text NOT NULL
                CONSTRAINT ck_decision_outcome CHECK (outcome IN ('approve', 'reject', 'defer')),
            state text NOT NULL
                CONSTRAINT ck_decision_state CHECK (state IN ('proposed', 'confirmed', 'objected')),
            session_on date NOT NULL,
            proposed_at timestamptz NOT NULL,
            proposed_by text NOT NULL,
            answered_at timestamptz,
            answered_by text,
            {SEALED},
            CONSTRAINT ck_decision_two_people CHECK (answered_by <> proposed_by)
        )
        """
    )
    op.execute("CREATE INDEX ix_decision_request_id ON decision (request_id, id)")
    op.execute("CREATE UNIQUE INDEX uq_decision_open ON decision (request_id) WHERE state = 'proposed'")
    follow(op, "decision", "request", key="request_id")
