"""Centers and postings as registry announces them, campaigns, bases, permits, people, encounters."""

from alembic import context, op

from shared.chassis.migrations import follow, public_read, scope

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _places()
    _screeners()
    _people()
    _encounters()


def _places() -> None:
    op.execute(
        """
        CREATE TABLE center (
            code text COLLATE "C" CONSTRAINT pk_center PRIMARY KEY,
            version integer NOT NULL,
            status text NOT NULL,
            name_fa text NOT NULL,
            name_en text,
            area_class text NOT NULL
        )
        """
    )
    public_read(op, "center", column="code", reason="which centers there are is public; registry tells it to everyone")
    op.execute(
        """
        CREATE TABLE campaign (
            id uuid CONSTRAINT pk_campaign PRIMARY KEY,
            jurisdiction text COLLATE "C" NOT NULL
                CONSTRAINT ck_campaign_jurisdiction CHECK (jurisdiction ~ '^([0-9]{2}|[0-9]{4})?$'),
            version integer NOT NULL,
            programme_code text NOT NULL CONSTRAINT fk_campaign_programme_code REFERENCES programme (code),
            status text NOT NULL CONSTRAINT ck_campaign_status CHECK (status IN ('planned', 'open', 'closed')),
            name_fa text NOT NULL,
            name_en text,
            born_from date NOT NULL,
            born_to date NOT NULL,
            opens_on date NOT NULL,
            closes_on date NOT NULL,
            created_at timestamptz NOT NULL,
            created_by text NOT NULL,
            CONSTRAINT ck_campaign_cohort_in_order CHECK (born_from <= born_to),
            CONSTRAINT ck_campaign_season_in_order CHECK (opens_on <= closes_on)
        )
        """
    )
    op.execute("CREATE INDEX ix_campaign_programme_code ON campaign (programme_code, opens_on)")
    public_read(
        op, "campaign", reason="a campaign is public: families are called to it, and every center in it works by it"
    )
    op.execute(
        """
        CREATE TABLE base (
            id uuid CONSTRAINT pk_base PRIMARY KEY,
            jurisdiction text COLLATE "C" NOT NULL
                CONSTRAINT ck_base_jurisdiction CHECK (jurisdiction ~ '^[0-9]{7}$'),
            version integer NOT NULL,
            name_fa text NOT NULL,
            kind text NOT NULL CONSTRAINT ck_base_kind CHECK (kind IN ('fixed', 'mobile')),
            programmes text[] NOT NULL,
            campaign_id uuid CONSTRAINT fk_base_campaign_id REFERENCES campaign (id),
            address text,
            latitude double precision,
            longitude double precision,
            opens_on date NOT NULL,
            closes_on date,
            created_at timestamptz NOT NULL,
            created_by text NOT NULL,
            CONSTRAINT ck_base_map_point_whole CHECK ((latitude IS NULL) = (longitude IS NULL)),
            CONSTRAINT ck_base_days_in_order CHECK (opens_on <= closes_on)
        )
        """
    )
    op.execute("CREATE INDEX ix_base_jurisdiction ON base (jurisdiction, id)")
    scope(op, "base")
    op.execute(
        """
        CREATE TABLE device (
            id uuid CONSTRAINT pk_device PRIMARY KEY,
            base_id uuid NOT NULL CONSTRAINT fk_device_base_id REFERENCES base (id),
            jurisdiction text COLLATE "C" NOT NULL,
            version integer NOT NULL,
            instrument text NOT NULL,
            model text,
            serial_number text NOT NULL,
            calibrated_until date,
            withdrawn_on date,
            created_at timestamptz NOT NULL,
            created_by text NOT NULL
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX uq_device_serial ON device (base_id, instrument, serial_number)")
    scope(op, "device")


def _screeners() -> None:
    op.execute(
        """
        CREATE TABLE screener_posting (
            posting_id uuid CONSTRAINT pk_screener_posting PRIMARY KEY,
            jurisdiction text COLLATE "C" NOT NULL,
            version integer NOT NULL,
            person text NOT NULL,
            valid_from date NOT NULL,
            valid_to date,
            ended boolean NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX ix_screener_posting_jurisdiction ON screener_posting (jurisdiction, person)")
    scope(op, "screener_posting")
    op.execute(
        """
        CREATE TABLE permit (
            id uuid CONSTRAINT pk_permit PRIMARY KEY,
            jurisdiction text COLLATE "C" NOT NULL,
            version integer NOT NULL,
            person text NOT NULL,
            programme_code text NOT NULL CONSTRAINT fk_permit_programme_code REFERENCES programme (code),
            certificate text NOT NULL,
            valid_from date NOT NULL,
            valid_to date NOT NULL,
            granted_by text NOT NULL,
            granted_at timestamptz NOT NULL,
            revoked_on date,
            revoked_by text,
            revocation_reason text,
            CONSTRAINT ck_permit_days_in_order CHECK (valid_from <= valid_to),
            CONSTRAINT ck_permit_revocation_whole CHECK ((revoked_on IS NULL) = (revoked_by IS NULL))
        )
        """
    )
    op.execute("CREATE INDEX ix_permit_person ON permit (person, programme_code, valid_to)")
    op.execute("CREATE INDEX ix_permit_jurisdiction ON permit (jurisdiction, id)")
    scope(op, "permit")


def _people() -> None:
    op.execute(
        """
        CREATE TABLE household (
            case_file_id uuid CONSTRAINT pk_household PRIMARY KEY,
            jurisdiction text COLLATE "C" NOT NULL,
            version integer NOT NULL
        )
        """
    )
    scope(op, "household")
    op.execute(
        """
        CREATE TABLE person (
            id uuid CONSTRAINT pk_person PRIMARY KEY,
            jurisdiction text COLLATE "C" NOT NULL,
            version integer NOT NULL,
            origin text NOT NULL CONSTRAINT ck_person_origin CHECK (origin IN ('household', 'on-the-spot')),
            present boolean NOT NULL,
            case_file_id uuid,
            case_file_number text,
            relation text,
            birth_date date NOT NULL,
            sex text CONSTRAINT ck_person_sex CHECK (sex IN ('female', 'male')),
            id_type text,
            id_value text,
            given_name text,
            family_name text,
            guardian_mobile text,
            counts_as uuid NOT NULL,
            merged_into uuid CONSTRAINT fk_person_merged_into REFERENCES person (id),
            digest bytea,
            registered_at timestamptz NOT NULL,
            registered_by text NOT NULL,
            CONSTRAINT ck_person_identity_whole CHECK ((id_type IS NULL) = (id_value IS NULL)),
            CONSTRAINT ck_person_merged_counts_as CHECK (merged_into IS NULL OR NOT present)
        )
        """
    )
    for index in (
        # one row stands for a person; the others that proved to be the same one count as it
        (
            "UNIQUE INDEX uq_person_identity ON person (id_type, id_value)"
            " WHERE counts_as = id AND merged_into IS NULL AND id_type <> 'temporary'"
        ),
        "INDEX ix_person_due ON person (jurisdiction, birth_date, id) WHERE present",
        "INDEX ix_person_case_file_id ON person (case_file_id) WHERE case_file_id IS NOT NULL",
        "INDEX ix_person_case_file_number ON person (case_file_number) WHERE case_file_number IS NOT NULL",
        "INDEX ix_person_id_value ON person (id_value) WHERE id_value IS NOT NULL",
    ):
        op.execute(f"CREATE {index}")
    scope(op, "person")
    # Looks at the whole nation on purpose, and tells nothing but the opaque id under which somebody is counted. The
    # owner is bound by the policies as well, so the function takes the nation's scope and gives the caller's back.
    op.execute(
        """
        CREATE FUNCTION person_with_identity(asked_type text, asked_value text) RETURNS uuid
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
        AS $$
        DECLARE
            scope_from text := current_setting('app.scope_from', true);
            scope_to text := current_setting('app.scope_to', true);
            found uuid;
        BEGIN
            PERFORM set_config('app.scope_from', '', true), set_config('app.scope_to', chr(58), true);
            SELECT person.id INTO found FROM public.person
             WHERE person.id_type = asked_type AND person.id_value = asked_value
               AND person.counts_as = person.id AND person.merged_into IS NULL AND person.id_type <> 'temporary';
            PERFORM set_config('app.scope_from', scope_from, true), set_config('app.scope_to', scope_to, true);
            RETURN found;
        END
        $$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION person_with_identity FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION person_with_identity TO "{context.config.attributes["application_role"]}"')


def _encounters() -> None:
    op.execute(
        """
        CREATE TABLE encounter (
            id uuid CONSTRAINT pk_encounter PRIMARY KEY,
            jurisdiction text COLLATE "C" NOT NULL,
            person_id uuid NOT NULL CONSTRAINT fk_encounter_person_id REFERENCES person (id),
            registered_as uuid NOT NULL,
            programme_code text NOT NULL,
            programme_year integer NOT NULL,
            protocol_id uuid NOT NULL CONSTRAINT fk_encounter_protocol_id REFERENCES protocol (id),
            protocol_number integer NOT NULL,
            campaign_id uuid CONSTRAINT fk_encounter_campaign_id REFERENCES campaign (id),
            base_id uuid NOT NULL CONSTRAINT fk_encounter_base_id REFERENCES base (id),
            device_id uuid,
            screener text NOT NULL,
            stage text NOT NULL,
            instrument text,
            made_at timestamptz NOT NULL,
            repeat_of uuid,
            attendance text NOT NULL
                CONSTRAINT ck_encounter_attendance CHECK (attendance IN ('examined', 'refused', 'absent')),
            result jsonb,
            age_months integer NOT NULL,
            outcome text NOT NULL,
            rule text,
            reason text NOT NULL,
            found jsonb NOT NULL,
            next_stage text,
            refers_to text,
            repeat_from date,
            repeat_by date,
            corrects uuid CONSTRAINT fk_encounter_corrects REFERENCES encounter (id),
            correction_reason text,
            corrected_by uuid,
            digest bytea NOT NULL,
            recorded_at timestamptz NOT NULL,
            recorded_by text NOT NULL,
            CONSTRAINT ck_encounter_result_when_examined CHECK ((attendance = 'examined') = (result IS NOT NULL)),
            CONSTRAINT ck_encounter_correction_whole CHECK ((corrects IS NULL) = (correction_reason IS NULL))
        )
        """
    )
    for index in (
        "INDEX ix_encounter_person_id ON encounter (person_id, made_at)",
        "INDEX ix_encounter_base_id ON encounter (base_id, made_at)",
        "INDEX ix_encounter_jurisdiction ON encounter (jurisdiction, made_at)",
        "UNIQUE INDEX uq_encounter_corrects ON encounter (corrects) WHERE corrects IS NOT NULL",
    ):
        op.execute(f"CREATE {index}")
    follow(op, "encounter", "person", key="person_id")
    op.execute(
        """
        CREATE TABLE screening (
            person_id uuid NOT NULL CONSTRAINT fk_screening_person_id REFERENCES person (id),
            programme_code text NOT NULL,
            programme_year integer NOT NULL,
            examined boolean NOT NULL,
            last_at timestamptz NOT NULL,
            encounter_id uuid NOT NULL,
            campaign_id uuid,
            stage text NOT NULL,
            outcome text NOT NULL,
            next_stage text,
            repeat_from date,
            repeat_by date,
            CONSTRAINT pk_screening PRIMARY KEY (person_id, programme_code, programme_year)
        )
        """
    )
    follow(op, "screening", "person", key="person_id")
