"""Centers and rules as registry announces them, imports, distributions."""

from alembic import op

from shared.chassis.migrations import public_read, scope

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE center (
            code text COLLATE "C" CONSTRAINT pk_center PRIMARY KEY,
            version integer NOT NULL,
            status text NOT NULL,
            name_fa text NOT NULL,
            name_en text,
            area_class text NOT NULL,
            latitude double precision NOT NULL,
            longitude double precision NOT NULL
        )
        """
    )
    public_read(op, "center", column="code", reason="which centers there are is public; registry tells it to everyone")
    op.execute(
        """
        CREATE TABLE parameter (
            id uuid CONSTRAINT pk_parameter PRIMARY KEY,
            version integer NOT NULL,
            name text NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            value integer NOT NULL,
            valid_from date NOT NULL,
            valid_to date
        )
        """
    )
    op.execute("CREATE INDEX ix_parameter_name_jurisdiction ON parameter (name, jurisdiction)")
    public_read(op, "parameter", reason="rules of operation are public; registry tells them to everyone")
    op.execute(
        """
        CREATE TABLE distribution (
            id uuid CONSTRAINT pk_distribution PRIMARY KEY,
            jurisdiction text COLLATE "C" NOT NULL,
            version integer NOT NULL,
            status text NOT NULL
                CONSTRAINT ck_distribution_status CHECK (status IN ('planned', 'applied', 'dropped')),
            rules_on date NOT NULL,
            files integer NOT NULL,
            placed integer NOT NULL,
            unplaced integer NOT NULL,
            total_metres bigint NOT NULL,
            created_at timestamptz NOT NULL,
            created_by text NOT NULL,
            decided_at timestamptz,
            decided_by text,
            CONSTRAINT ck_distribution_every_file_counted CHECK (placed + unplaced = files),
            CONSTRAINT ck_distribution_decided_at CHECK ((status = 'planned') = (decided_at IS NULL))
        )
        """
    )
    op.execute("CREATE INDEX ix_distribution_jurisdiction ON distribution (jurisdiction)")
    scope(op, "distribution")
    op.execute(
        """
        CREATE TABLE distribution_center (
            distribution_id uuid NOT NULL CONSTRAINT fk_distribution_center_distribution_id
                REFERENCES distribution (id) ON DELETE CASCADE,
            center text COLLATE "C" NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            minimum integer NOT NULL,
            maximum integer NOT NULL,
            load_before integer NOT NULL,
            load_after integer NOT NULL,
            nearest_metres integer,
            mean_metres integer,
            farthest_metres integer,
            county_files integer NOT NULL,
            county_need integer NOT NULL,
            CONSTRAINT pk_distribution_center PRIMARY KEY (distribution_id, center)
        )
        """
    )
    scope(op, "distribution_center")
    op.execute(
        """
        CREATE TABLE distribution_placement (
            distribution_id uuid NOT NULL,
            case_file_id uuid NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            county text COLLATE "C" NOT NULL,
            file_version integer NOT NULL,
            center text COLLATE "C",
            metres integer,
            choice integer,
            reason text NOT NULL,
            CONSTRAINT pk_distribution_placement PRIMARY KEY (distribution_id, case_file_id)
        )
        """
    )
    scope(op, "distribution_placement")
