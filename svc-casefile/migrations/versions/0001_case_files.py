"""Case files, their members and their history."""

from alembic import context, op

from shared.chassis.migrations import FROM, TO, create_service_tables, scope

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_service_tables(op)
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute("CREATE SEQUENCE case_file_number")
    op.execute(
        """
        CREATE TABLE case_file (
            id uuid CONSTRAINT pk_case_file PRIMARY KEY,
            number text NOT NULL DEFAULT lpad(nextval('case_file_number')::text, 8, '0')
                CONSTRAINT uq_case_file_number UNIQUE,
            version integer NOT NULL,
            status text NOT NULL
                CONSTRAINT ck_case_file_status CHECK (status IN ('draft', 'waiting', 'active', 'suspended', 'closed')),
            status_reason text,
            status_since timestamptz NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL
                CONSTRAINT ck_case_file_jurisdiction CHECK (jurisdiction ~ '^[0-9]{4}([0-9]{3})?$'),
            member_count integer NOT NULL,
            address text,
            postal_code text,
            latitude double precision,
            longitude double precision,
            accuracy_m integer,
            area_class text,
            tenure text,
            residence_since date,
            mobile text,
            landline text,
            income_sources text[] NOT NULL,
            decile smallint CONSTRAINT ck_case_file_decile CHECK (decile BETWEEN 1 AND 10),
            insurance text,
            support_bodies text[] NOT NULL,
            coverage_reason text,
            pensioner boolean NOT NULL,
            payer_category text,
            opened_on date NOT NULL,
            closed_on date,
            assigned_worker text,
            legacy_province text NOT NULL,
            legacy_source text,
            legacy_number text,
            created_at timestamptz NOT NULL,
            created_by text NOT NULL,
            updated_at timestamptz NOT NULL,
            updated_by text NOT NULL,
            CONSTRAINT ck_case_file_active_at_a_center
                CHECK (status NOT IN ('active', 'suspended') OR length(jurisdiction) = 7),
            CONSTRAINT ck_case_file_closed_on CHECK ((status = 'closed') = (closed_on IS NOT NULL)),
            CONSTRAINT ck_case_file_map_point_whole CHECK ((latitude IS NULL) = (longitude IS NULL)),
            CONSTRAINT ck_case_file_legacy_whole CHECK ((legacy_source IS NULL) = (legacy_number IS NULL))
        )
        """
    )
    op.execute(
        "CREATE UNIQUE INDEX uq_case_file_legacy ON case_file (legacy_province, legacy_source, legacy_number)"
        " WHERE legacy_number IS NOT NULL"
    )
    for index in (
        "INDEX ix_case_file_jurisdiction_number ON case_file (jurisdiction, number) INCLUDE (status, member_count)",
        "INDEX ix_case_file_jurisdiction_opened ON case_file (jurisdiction, opened_on, id)",
        "INDEX ix_case_file_mobile ON case_file (mobile) WHERE mobile IS NOT NULL",
        "INDEX ix_case_file_landline ON case_file (landline) WHERE landline IS NOT NULL",
    ):
        op.execute(f"CREATE {index}")
    scope(op, "case_file")
    op.execute(
        """
        CREATE TABLE member (
            id uuid CONSTRAINT pk_member PRIMARY KEY,
            case_file_id uuid NOT NULL CONSTRAINT fk_member_case_file_id REFERENCES case_file (id),
            jurisdiction text COLLATE "C" NOT NULL,
            version integer NOT NULL,
            in_force boolean NOT NULL,
            relation text NOT NULL,
            id_type text,
            id_value text,
            given_name text NOT NULL,
            family_name text NOT NULL,
            father_name text,
            name_search text NOT NULL,
            name_bits bigint NOT NULL,
            birth_date date,
            sex text,
            marital_status text,
            education text,
            occupation text,
            insurance text,
            illness text,
            disability_type text,
            disability_severity text,
            guardian text,
            addiction boolean NOT NULL,
            prison boolean NOT NULL,
            missing boolean NOT NULL,
            left_on date,
            left_reason text,
            created_at timestamptz NOT NULL,
            CONSTRAINT ck_member_identity_whole CHECK ((id_type IS NULL) = (id_value IS NULL)),
            CONSTRAINT ck_member_left_not_in_force CHECK (NOT (in_force AND left_on IS NOT NULL))
        )
        """
    )
    for index in (
        "UNIQUE INDEX uq_member_identity ON member (id_type, id_value) WHERE in_force AND id_type <> 'temporary'",
        "UNIQUE INDEX uq_member_head ON member (case_file_id) WHERE relation = 'head' AND left_on IS NULL",
        "INDEX ix_member_id_value ON member (id_value)",
        "INDEX ix_member_case_file_id ON member (case_file_id, jurisdiction)",
        "INDEX ix_member_jurisdiction ON member (jurisdiction)",
    ):
        op.execute(f"CREATE {index}")
    scope(op, "member")
    op.execute(
        """
        CREATE TABLE case_file_history (
            case_file_id uuid NOT NULL CONSTRAINT fk_case_file_history_case_file_id REFERENCES case_file (id),
            version integer NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            at timestamptz NOT NULL,
            actor text NOT NULL,
            action text NOT NULL,
            member_id uuid,
            changes jsonb NOT NULL,
            note text,
            CONSTRAINT pk_case_file_history PRIMARY KEY (case_file_id, version)
        )
        """
    )
    # who sees the file sees its history, wherever the file was then; rows are added, and nothing else
    op.execute("ALTER TABLE case_file_history ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE case_file_history FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY as_the_file ON case_file_history FOR SELECT"
        " USING (EXISTS (SELECT FROM case_file WHERE case_file.id = case_file_history.case_file_id))"
    )
    op.execute(
        "CREATE POLICY added_in_scope ON case_file_history FOR INSERT"
        f" WITH CHECK (jurisdiction >= {FROM} AND jurisdiction < {TO})"
    )
    # Looks at the whole nation on purpose, and tells nothing but which of the asked (from 1) are in an open file. The
    # owner is bound by the policies as well, so the function takes the nation's scope and gives the caller's back.
    op.execute(
        """
        CREATE FUNCTION identities_in_use(types text[], identities text[]) RETURNS SETOF integer
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
        AS $$
        DECLARE
            scope_from text := current_setting('app.scope_from', true);
            scope_to text := current_setting('app.scope_to', true);
        BEGIN
            PERFORM set_config('app.scope_from', '', true), set_config('app.scope_to', chr(58), true);
            RETURN QUERY
                SELECT asked.place::integer
                FROM unnest(types, identities) WITH ORDINALITY AS asked (id_type, id_value, place)
                WHERE EXISTS (
                    SELECT FROM public.member
                    WHERE member.id_type = asked.id_type AND member.id_value = asked.id_value
                      AND member.in_force AND member.id_type <> 'temporary'
                );
            PERFORM set_config('app.scope_from', scope_from, true), set_config('app.scope_to', scope_to, true);
        END
        $$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION identities_in_use FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION identities_in_use TO "{context.config.attributes["application_role"]}"')
