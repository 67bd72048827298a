"""The catalogue as registry announces it, service requests and referrals, and following one without an account."""

from alembic import context, op

from shared.chassis.migrations import follow, public_read, unscoped

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE catalogue_service (
            code text CONSTRAINT pk_catalogue_service PRIMARY KEY,
            version integer NOT NULL,
            name_fa text NOT NULL,
            name_en text NOT NULL,
            active_from date NOT NULL,
            active_to date
        )
        """
    )
    public_read(op, "catalogue_service", column=None, reason="the catalogue is public; registry tells it to everyone")
    op.execute(
        """
        CREATE TABLE service_request (
            id uuid CONSTRAINT pk_service_request PRIMARY KEY,
            case_file_id uuid NOT NULL CONSTRAINT fk_service_request_case_file_id REFERENCES case_file (id),
            jurisdiction text COLLATE "C" NOT NULL,
            version integer NOT NULL,
            tracking_code text NOT NULL CONSTRAINT uq_service_request_tracking_code UNIQUE,
            tracking_secret bytea CONSTRAINT uq_service_request_tracking_secret UNIQUE,
            service_code text NOT NULL,
            member_id uuid CONSTRAINT fk_service_request_member_id REFERENCES member (id),
            asked_by text NOT NULL,
            on_behalf jsonb,
            description text,
            status text NOT NULL CONSTRAINT ck_service_request_status CHECK (
                status IN ('requested', 'accepted', 'in-progress', 'delivered', 'referred', 'refused')),
            status_since timestamptz NOT NULL,
            requested_at timestamptz NOT NULL,
            recorded_by text NOT NULL,
            due_on date,
            due_rule text,
            expected_on date,
            escalated_at timestamptz,
            delivered_at timestamptz,
            delivered_by text,
            refusal_reason text,
            note text,
            closed_at timestamptz,
            CONSTRAINT ck_service_request_consent_noted CHECK ((asked_by = 'on-behalf') = (on_behalf IS NOT NULL)),
            CONSTRAINT ck_service_request_delivered CHECK (
                (status = 'delivered') = (delivered_at IS NOT NULL)
                AND (delivered_at IS NULL) = (delivered_by IS NULL)),
            CONSTRAINT ck_service_request_refused CHECK ((status = 'refused') = (refusal_reason IS NOT NULL)),
            CONSTRAINT ck_service_request_closed_when_done CHECK (
                closed_at IS NOT NULL OR status NOT IN ('delivered', 'refused'))
        )
        """
    )
    op.execute(
        """
        CREATE TABLE service_referral (
            id uuid CONSTRAINT pk_service_referral PRIMARY KEY,
            service_request_id uuid NOT NULL
                CONSTRAINT fk_service_referral_service_request_id REFERENCES service_request (id),
            case_file_id uuid NOT NULL CONSTRAINT fk_service_referral_case_file_id REFERENCES case_file (id),
            jurisdiction text COLLATE "C" NOT NULL,
            kind text NOT NULL,
            referred_to text NOT NULL,
            reason text NOT NULL,
            referred_at timestamptz NOT NULL,
            referred_by text NOT NULL,
            answer_due_on date,
            answered_on date,
            outcome text,
            answer text,
            recorded_at timestamptz,
            recorded_by text,
            CONSTRAINT ck_service_referral_answered CHECK ((answered_on IS NULL) = (outcome IS NULL))
        )
        """
    )
    for index in (
        "ix_service_request_case_file_id ON service_request (case_file_id, id)",
        "ix_service_request_open ON service_request (case_file_id) WHERE closed_at IS NULL",
        "ix_service_request_delivered ON service_request (jurisdiction, delivered_at) WHERE delivered_at IS NOT NULL",
        "ix_service_referral_service_request_id ON service_referral (service_request_id, id)",
    ):
        op.execute(f"CREATE INDEX {index}")
    op.execute(
        "CREATE INDEX ix_service_request_to_escalate ON service_request (expected_on)"
        " WHERE closed_at IS NULL AND escalated_at IS NULL"
    )
    follow(op, "service_request", "case_file", key="case_file_id")
    follow(op, "service_referral", "case_file", key="case_file_id")
    op.execute(
        """
        CREATE TABLE tracking_attempt (
            tracking_code text CONSTRAINT pk_tracking_attempt PRIMARY KEY,
            since timestamptz NOT NULL,
            tries integer NOT NULL
        )
        """
    )
    unscoped(op, "tracking_attempt", "numbers that somebody tried within the hour; whether a request has one it does"
             " not say, and no operation reads them")  # fmt: skip
    # Looks at the whole nation on purpose, for a caller without a scope: who has the secret is told the state and the
    # dates. The owner is bound by the policies as well, so the function takes the nation's scope and gives the
    # caller's back.
    op.execute(
        """
        CREATE FUNCTION track_service_request(secret bytea) RETURNS TABLE (
            status text, status_since timestamptz, requested_at timestamptz, expected_on date, escalated boolean,
            closed_at timestamptz)
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
        AS $$
        DECLARE
            scope_from text := current_setting('app.scope_from', true);
            scope_to text := current_setting('app.scope_to', true);
        BEGIN
            PERFORM set_config('app.scope_from', '', true), set_config('app.scope_to', chr(58), true);
            RETURN QUERY
                SELECT r.status, r.status_since, r.requested_at, r.expected_on, r.escalated_at IS NOT NULL, r.closed_at
                FROM public.service_request r WHERE r.tracking_secret = secret;
            PERFORM set_config('app.scope_from', scope_from, true), set_config('app.scope_to', scope_to, true);
        END
        $$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION track_service_request FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION track_service_request TO "{context.config.attributes["application_role"]}"')
