"""Complaints, which never reach whom they are about, and the sealed identities of those who make them."""

from alembic import context, op

from shared.chassis.migrations import FROM, TO

revision = "0011"
down_revision = "0010"

COVERED = f"jurisdiction >= {FROM} AND jurisdiction < {TO}"
NOT_ABOUT_THE_READER = "(about_person IS NULL OR about_person <> (SELECT current_setting('app.actor', true)))"


def upgrade() -> None:
    application = context.config.attributes["application_role"]
    op.execute(
        """
        CREATE TABLE complaint (
            id uuid CONSTRAINT pk_complaint PRIMARY KEY,
            jurisdiction text COLLATE "C" NOT NULL,
            version integer NOT NULL,
            kind text NOT NULL CONSTRAINT ck_complaint_kind CHECK (kind IN ('request', 'report', 'complaint')),
            status text NOT NULL
                CONSTRAINT ck_complaint_status CHECK (status IN ('received', 'in-hand', 'answered')),
            about text NOT NULL CONSTRAINT ck_complaint_about
                CHECK (about IN ('worker', 'manager', 'center', 'county', 'province', 'nobody')),
            about_place text COLLATE "C" NOT NULL,
            about_person text,
            body text NOT NULL,
            tracking_digest bytea NOT NULL CONSTRAINT uq_complaint_tracking_digest UNIQUE,
            identity_sealed boolean NOT NULL,
            received_at timestamptz NOT NULL,
            received_by text NOT NULL,
            handled_since timestamptz NOT NULL,
            due_on date,
            refer_up boolean NOT NULL,
            announced_at timestamptz,
            taken_at timestamptz,
            taken_by text,
            outcome text CONSTRAINT ck_complaint_outcome
                CHECK (outcome IN ('founded', 'partly-founded', 'unfounded', 'done', 'not-possible')),
            answer text,
            answered_at timestamptz,
            answered_by text,
            satisfaction text CONSTRAINT ck_complaint_satisfaction
                CHECK (satisfaction IN ('satisfied', 'partly', 'dissatisfied')),
            rated_at timestamptz,
            CONSTRAINT ck_complaint_answered CHECK (
                (status = 'answered') = (answered_at IS NOT NULL) AND (outcome IS NULL) = (answered_at IS NULL)
                AND (answer IS NULL) = (answered_at IS NULL)),
            -- whatever a program tries: neither is it with the one it is about, nor with a place beneath
            CONSTRAINT ck_complaint_not_with_whom_it_is_about CHECK (
                about IN ('worker', 'nobody') OR length(jurisdiction) < length(about_place)
                AND starts_with(about_place, jurisdiction)),
            CONSTRAINT ck_complaint_a_report_is_anonymous CHECK (kind <> 'report' OR NOT identity_sealed)
        )
        """
    )
    for index in (
        "ix_complaint_jurisdiction ON complaint (jurisdiction, id)",
        "ix_complaint_open ON complaint (due_on) WHERE status <> 'answered'",
        "ix_complaint_unannounced ON complaint (id) WHERE announced_at IS NULL",
    ):
        op.execute(f"CREATE INDEX {index}")
    _force("complaint")
    # A complaint belongs to the place that handles it, which is never the one it is about: a center complained of
    # covers no row of its county. And no row is shown to the person it is about, wherever they act.
    seen = f"{COVERED} AND {NOT_ABOUT_THE_READER}"
    op.execute(f"CREATE POLICY never_by_whom_it_is_about ON complaint USING ({seen})")
    op.execute("CREATE POLICY anybody_complains ON complaint FOR INSERT WITH CHECK (true)")

    op.execute(
        """
        CREATE TABLE complaint_entry (
            id uuid CONSTRAINT pk_complaint_entry PRIMARY KEY,
            complaint_id uuid NOT NULL CONSTRAINT fk_complaint_entry_complaint_id REFERENCES complaint (id),
            jurisdiction text COLLATE "C" NOT NULL,
            kind text NOT NULL,
            at timestamptz NOT NULL,
            actor text NOT NULL,
            note text
        )
        """
    )
    op.execute("CREATE INDEX ix_complaint_entry_complaint_id ON complaint_entry (complaint_id, id)")
    _force("complaint_entry")
    seen = "EXISTS (SELECT FROM complaint WHERE complaint.id = complaint_entry.complaint_id)"
    op.execute(f"CREATE POLICY as_the_complaint ON complaint_entry FOR SELECT USING ({seen})")
    op.execute("CREATE POLICY only_ever_added ON complaint_entry FOR INSERT WITH CHECK (true)")

    op.execute(
        """
        CREATE TABLE complaint_identity (
            complaint_id uuid CONSTRAINT pk_complaint_identity PRIMARY KEY
                CONSTRAINT fk_complaint_identity_complaint_id REFERENCES complaint (id),
            key_id text NOT NULL,
            sealed bytea NOT NULL
        )
        """
    )
    _force("complaint_identity")
    # From above the place that handles the complaint, and by the service itself (the nation), when it seals anew.
    above = (
        "EXISTS (SELECT FROM complaint WHERE complaint.id = complaint_identity.complaint_id"
        f" AND complaint.jurisdiction > {FROM})"
    )
    nation = f"{FROM} = '' AND {TO} = ':'"
    op.execute(f"CREATE POLICY from_above ON complaint_identity FOR SELECT USING ({above} OR {nation})")
    op.execute("CREATE POLICY anybody_complains ON complaint_identity FOR INSERT WITH CHECK (true)")
    op.execute(f"CREATE POLICY sealed_anew ON complaint_identity FOR UPDATE USING ({nation}) WITH CHECK ({nation})")

    # For people without an account. They look at the whole nation on purpose and give the caller's scope back. Two find
    # one row by a digest that cannot be guessed; the other says whether a complaint would reach whom it is about.
    for name, arguments, returns, work in (
        (
            "track_complaint",
            "digest bytea",
            """TABLE (kind text, status text, handled_at text, received_at timestamptz, due_on date, outcome text,
                      answer text, answered_at timestamptz, satisfaction text)""",
            """
            RETURN QUERY
                SELECT c.kind, c.status,
                       CASE length(c.jurisdiction) WHEN 7 THEN 'center' WHEN 4 THEN 'county' WHEN 2 THEN 'province'
                            ELSE 'nation' END,
                       c.received_at, c.due_on, c.outcome, c.answer, c.answered_at, c.satisfaction
                  FROM public.complaint c WHERE c.tracking_digest = digest;
            """,
        ),
        (
            "rate_complaint",
            "digest bytea, said text, entry_id uuid",
            "void",
            """
            WITH rated AS (
                UPDATE public.complaint c SET satisfaction = said, rated_at = now(), version = c.version + 1
                 WHERE c.tracking_digest = digest AND c.status = 'answered'
                RETURNING c.id, c.jurisdiction
            )
            INSERT INTO public.complaint_entry (id, complaint_id, jurisdiction, kind, at, actor)
            SELECT entry_id, rated.id, rated.jurisdiction, 'rated', now(), 'public' FROM rated;
            """,
        ),
        (
            "is_manager_of",
            "subject text, center text, today date",
            "boolean",
            """
            found := EXISTS (
                SELECT FROM public.posting p
                 WHERE p.jurisdiction = center AND p.person = subject AND p.role = 'center-manager'
                   AND p.valid_from <= today
                   AND (p.valid_to IS NULL OR p.valid_to > today OR p.valid_to = today AND NOT p.ended));
            """,
        ),
    ):
        op.execute(
            f"""
            CREATE FUNCTION {name}({arguments}) RETURNS {returns}
            LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
            AS $$
            #variable_conflict use_column
            DECLARE
                found boolean;
                scope_from text := current_setting('app.scope_from', true);
                scope_to text := current_setting('app.scope_to', true);
            BEGIN
                PERFORM set_config('app.scope_from', '', true), set_config('app.scope_to', chr(58), true);
                {work}
                PERFORM set_config('app.scope_from', scope_from, true), set_config('app.scope_to', scope_to, true);
                {"RETURN found;" if returns == "boolean" else ""}
            END
            $$
            """
        )
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        op.execute(f'GRANT EXECUTE ON FUNCTION {name} TO "{application}"')


def _force(table: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
