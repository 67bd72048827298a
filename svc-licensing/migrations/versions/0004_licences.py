"""Licences, what happened to each, and what anybody may know of one."""

from alembic import context, op

from shared.chassis.migrations import follow, scope

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE licence (
            id uuid CONSTRAINT pk_licence PRIMARY KEY,
            jurisdiction text COLLATE "C" NOT NULL,
            version integer NOT NULL,
            number text COLLATE "C" NOT NULL,
            kind text NOT NULL,
            clause integer NOT NULL CONSTRAINT ck_licence_clause CHECK (clause BETWEEN 1 AND 13),
            application_id uuid NOT NULL CONSTRAINT fk_licence_application_id REFERENCES application (id),
            agreement_id uuid CONSTRAINT fk_licence_agreement_id REFERENCES licence (id),
            holder_id uuid NOT NULL,
            holder_name text NOT NULL,
            institution_id text,
            center text,
            address text,
            manager_name text,
            scope text,
            conditions jsonb NOT NULL,
            valid_from date NOT NULL,
            valid_to date NOT NULL,
            renewal_opens_on date,
            renewal_announced_at timestamptz,
            extended boolean NOT NULL,
            status text NOT NULL CONSTRAINT ck_licence_status CHECK (status IN (
                'in-force', 'suspended', 'revoked', 'expired', 'used')),
            status_since timestamptz NOT NULL,
            status_reason text,
            issued_at timestamptz NOT NULL,
            issued_by text NOT NULL,
            CONSTRAINT ck_licence_days_in_order CHECK (valid_from <= valid_to)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE licence_step (
            id uuid CONSTRAINT pk_licence_step PRIMARY KEY,
            licence_id uuid NOT NULL CONSTRAINT fk_licence_step_licence_id REFERENCES licence (id),
            kind text NOT NULL,
            at timestamptz NOT NULL,
            actor text NOT NULL,
            application_id uuid CONSTRAINT fk_licence_step_application_id REFERENCES application (id),
            about jsonb NOT NULL
        )
        """
    )
    held = "status IN ('in-force', 'suspended')"
    for index in (
        "UNIQUE INDEX uq_licence_number ON licence (number)",
        "UNIQUE INDEX uq_licence_application_id ON licence (application_id)",
        "INDEX ix_licence_jurisdiction ON licence (jurisdiction, id)",
        "INDEX ix_licence_holder_id ON licence (holder_id, kind)",
        f"INDEX ix_licence_valid_to ON licence (valid_to) WHERE {held}",
        (
            "INDEX ix_licence_renewal_opens_on ON licence (renewal_opens_on)"
            " WHERE status = 'in-force' AND renewal_announced_at IS NULL"
        ),
        f"UNIQUE INDEX uq_licence_held ON licence (center, kind) WHERE {held} AND center IS NOT NULL",
        "INDEX ix_licence_step_licence_id ON licence_step (licence_id, id)",
        (
            "UNIQUE INDEX uq_licence_step_application_id ON licence_step (application_id)"
            " WHERE application_id IS NOT NULL"
        ),
    ):
        op.execute(f"CREATE {index}")
    scope(op, "licence")
    follow(op, "licence_step", "licence", key="licence_id")
    # who verifies has no scope: this finds one licence by its number and tells what is printed on it
    op.execute(
        """
        CREATE FUNCTION licence_shown(wanted text, today date)
        RETURNS TABLE (valid boolean, kind text, holder text, valid_to date)
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
        AS $$
        DECLARE
            scope_from text := current_setting('app.scope_from', true);
            scope_to text := current_setting('app.scope_to', true);
        BEGIN
            PERFORM set_config('app.scope_from', '', true), set_config('app.scope_to', chr(58), true);
            RETURN QUERY
                SELECT licence.status = 'in-force' AND today BETWEEN licence.valid_from AND licence.valid_to,
                       licence.kind, licence.holder_name, licence.valid_to
                  FROM public.licence WHERE licence.number = wanted COLLATE "C";
            PERFORM set_config('app.scope_from', scope_from, true), set_config('app.scope_to', scope_to, true);
        END
        $$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION licence_shown FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION licence_shown TO "{context.config.attributes["application_role"]}"')
