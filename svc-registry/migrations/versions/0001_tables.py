"""Every table of the registry, with whom its rows belong to."""

from alembic import op

from shared.chassis.migrations import create_service_tables, public_read, scope

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_service_tables(op)
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    _functions()
    _divisions()
    _centers()
    _postings()
    _catalogue()
    _parameters()
    _tariffs()


def _functions() -> None:
    # the schema is spelled out because PostgreSQL maintains an index over them with an empty search path
    # not STRICT: PostgreSQL would then call it for each row instead of computing it in place, fifty times as slow
    op.execute(
        """
        CREATE FUNCTION public.great_circle_metres(
            latitude_a float8, longitude_a float8, latitude_b float8, longitude_b float8
        ) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT 2 * 6371008.8 * asin(least(1, sqrt(
                power(sind((latitude_b - latitude_a) / 2), 2)
                + cosd(latitude_a) * cosd(latitude_b) * power(sind((longitude_b - longitude_a) / 2), 2)
            )))
        $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION public.area_ring(ring jsonb) RETURNS polygon LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
            SELECT ('(' || string_agg('(' || (at ->> 0) || ',' || (at ->> 1) || ')', ',' ORDER BY n) || ')')::polygon
            FROM jsonb_array_elements(ring) WITH ORDINALITY AS corners (at, n)
        $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION public.area_frame(area jsonb) RETURNS box LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
            SELECT box(public.area_ring(area #> '{coordinates,0}'))
        $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION public.area_covers(area jsonb, latitude float8, longitude float8)
        RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
            SELECT bool_and((public.area_ring(ring) @> point(longitude, latitude)) = (place = 1))
            FROM jsonb_array_elements(area -> 'coordinates') WITH ORDINALITY AS rings (ring, place)
        $$
        """
    )
    op.execute(
        "COMMENT ON FUNCTION area_covers IS 'inside the outer ring of a GeoJSON Polygon and in none of its holes'"
    )


def _divisions() -> None:
    op.execute(
        """
        CREATE TABLE province (
            code text COLLATE "C" PRIMARY KEY CHECK (code ~ '^[0-9]{2}$'),
            iso_3166_2 text NOT NULL,
            name_fa text NOT NULL,
            name_en text NOT NULL
        )
        """
    )
    public_read(op, "province", None, reason="the official list of provinces")
    op.execute(
        """
        CREATE TABLE county (
            code text COLLATE "C" PRIMARY KEY CHECK (code ~ '^[0-9]{4}$'),
            name_fa text NOT NULL,
            name_en text NOT NULL,
            latitude float8 NOT NULL,
            longitude float8 NOT NULL
        )
        """
    )
    public_read(op, "county", None, reason="the official list of counties")


def _centers() -> None:
    op.execute(
        """
        CREATE TABLE center (
            code text COLLATE "C" PRIMARY KEY CHECK (code ~ '^[0-9]{7}$'),
            county text COLLATE "C" NOT NULL REFERENCES county (code) CHECK (county = left(code, 4)),
            version integer NOT NULL,
            status text NOT NULL CHECK (status IN ('planned', 'ready', 'open', 'suspended', 'closed')),
            name_fa text NOT NULL,
            name_en text,
            name_search text NOT NULL,
            licence_reference text,
            area_class text NOT NULL CHECK (area_class IN ('urban', 'rural', 'hard-to-reach')),
            address text,
            postal_code text,
            latitude float8 NOT NULL,
            longitude float8 NOT NULL,
            service_area jsonb,
            opened_on date,
            closed_on date,
            created_at timestamptz NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX ix_center_county ON center (county)")
    op.execute("CREATE INDEX center_area_frame ON center USING gist (area_frame(service_area))")
    public_read(op, "center", "code", reason="where a center is and whether it is open is public information")
    op.execute(
        """
        CREATE TABLE center_address (
            id uuid PRIMARY KEY,
            center text COLLATE "C" NOT NULL REFERENCES center (code),
            address text,
            postal_code text,
            latitude float8 NOT NULL,
            longitude float8 NOT NULL,
            valid_from date NOT NULL,
            valid_to date CHECK (valid_to > valid_from),
            recorded_by text NOT NULL,
            recorded_at timestamptz NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX ix_center_address_center ON center_address (center)")
    op.execute("CREATE UNIQUE INDEX center_address_present ON center_address (center) WHERE valid_to IS NULL")
    public_read(op, "center_address", "center", reason="where a center has been is public information")
    op.execute(
        """
        CREATE TABLE center_transition (
            id uuid PRIMARY KEY,
            operation_id uuid NOT NULL,
            center text COLLATE "C" NOT NULL REFERENCES center (code),
            status_from text,
            status_to text NOT NULL,
            effective_on date NOT NULL,
            reason text,
            done_by text NOT NULL,
            done_at timestamptz NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX ix_center_transition_center ON center_transition (center)")
    scope(op, "center_transition", "center")
    op.execute(
        """
        CREATE TABLE case_file_location (
            case_file_id uuid PRIMARY KEY,
            version integer NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            status text NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX ix_case_file_location_open ON case_file_location (jurisdiction) WHERE status <> 'closed'")
    scope(op, "case_file_location")


def _postings() -> None:
    op.execute(
        """
        CREATE TABLE posting (
            id uuid PRIMARY KEY,
            version integer NOT NULL,
            person text NOT NULL,
            role text NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            valid_from date NOT NULL,
            valid_to date CHECK (valid_to >= valid_from),
            granted_by text NOT NULL,
            granted_at timestamptz NOT NULL,
            ended_by text,
            ended_at timestamptz,
            CONSTRAINT posting_once EXCLUDE USING gist (
                person WITH =, role WITH =, jurisdiction WITH =, daterange(valid_from, valid_to, '[]') WITH &&
            ) WHERE (ended_at IS NULL)
        )
        """
    )
    op.execute("CREATE INDEX ix_posting_person ON posting (person)")
    op.execute("CREATE INDEX ix_posting_jurisdiction_id ON posting (jurisdiction, id)")
    scope(op, "posting")


def _catalogue() -> None:
    op.execute(
        """
        CREATE TABLE catalogue_service (
            code text PRIMARY KEY CHECK (code ~ '^S[0-9]{2,3}$'),
            version integer NOT NULL,
            name_fa text NOT NULL,
            name_en text NOT NULL,
            domain text NOT NULL,
            active_from date NOT NULL,
            active_to date CHECK (active_to >= active_from),
            source text NOT NULL,
            announced_at timestamptz
        )
        """
    )
    public_read(op, "catalogue_service", None, reason="which services exist is public information")


def _parameters() -> None:
    op.execute(
        """
        CREATE TABLE parameter (
            id uuid PRIMARY KEY,
            version integer NOT NULL,
            name text NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            value integer NOT NULL,
            unit text NOT NULL,
            valid_from date NOT NULL,
            valid_to date CHECK (valid_to >= valid_from),
            source text NOT NULL,
            set_by text NOT NULL,
            set_at timestamptz NOT NULL,
            announced_at timestamptz,
            CONSTRAINT parameter_once EXCLUDE USING gist (
                name WITH =, jurisdiction WITH =, daterange(valid_from, valid_to, '[]') WITH &&
            )
        )
        """
    )
    public_read(op, "parameter", reason="the rules in force are public information")


def _tariffs() -> None:
    op.execute(
        """
        CREATE TABLE tariff (
            id uuid PRIMARY KEY,
            version integer NOT NULL,
            status text NOT NULL CHECK (status IN ('draft', 'signed-off', 'withdrawn')),
            service_code text NOT NULL REFERENCES catalogue_service (code),
            area_class text NOT NULL CHECK (area_class IN ('urban', 'rural', 'hard-to-reach')),
            jurisdiction text COLLATE "C" NOT NULL,
            valid_from date NOT NULL,
            valid_to date CHECK (valid_to >= valid_from),
            amount_rials bigint NOT NULL CHECK (amount_rials > 0),
            drafted_by text NOT NULL,
            drafted_at timestamptz NOT NULL,
            signed_off_by text CHECK (signed_off_by <> drafted_by),
            signed_off_at timestamptz,
            CHECK ((status = 'signed-off') = (signed_off_by IS NOT NULL)),
            CONSTRAINT tariff_once EXCLUDE USING gist (
                service_code WITH =, area_class WITH =, jurisdiction WITH =,
                daterange(valid_from, valid_to, '[]') WITH &&
            ) WHERE (status = 'signed-off')
        )
        """
    )
    public_read(op, "tariff", reason="a tariff of the nation or a province holds for every center in it")
