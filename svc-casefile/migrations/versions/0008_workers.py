"""Who works at which center, and plans that give files to them."""

from alembic import op

from shared.chassis.migrations import scope

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE posting (
            id uuid CONSTRAINT pk_posting PRIMARY KEY,
            version integer NOT NULL,
            person text NOT NULL,
            role text NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            valid_from date NOT NULL,
            valid_to date,
            ended boolean NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX ix_posting_jurisdiction_person ON posting (jurisdiction, person)")
    scope(op, "posting")
    # how many files each worker has, from the index alone
    op.execute("CREATE INDEX ix_case_file_worker ON case_file (jurisdiction, assigned_worker, status)")
    op.execute(
        """
        CREATE TABLE assignment_plan (
            id uuid CONSTRAINT pk_assignment_plan PRIMARY KEY,
            jurisdiction text COLLATE "C" NOT NULL,
            version integer NOT NULL,
            status text NOT NULL
                CONSTRAINT ck_assignment_plan_status CHECK (status IN ('planned', 'applied', 'dropped')),
            leaving text[] NOT NULL,
            rules_on date NOT NULL,
            maximum integer,
            files integer NOT NULL,
            placed integer NOT NULL,
            unplaced integer NOT NULL,
            created_at timestamptz NOT NULL,
            created_by text NOT NULL,
            decided_at timestamptz,
            decided_by text,
            CONSTRAINT ck_assignment_plan_every_file_counted CHECK (placed + unplaced = files),
            CONSTRAINT ck_assignment_plan_decided_at CHECK ((status = 'planned') = (decided_at IS NULL))
        )
        """
    )
    op.execute("CREATE INDEX ix_assignment_plan_jurisdiction ON assignment_plan (jurisdiction)")
    scope(op, "assignment_plan")
    op.execute(
        """
        CREATE TABLE assignment_plan_worker (
            plan_id uuid NOT NULL CONSTRAINT fk_assignment_plan_worker_plan_id
                REFERENCES assignment_plan (id) ON DELETE CASCADE,
            worker text NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            load_before integer NOT NULL,
            load_after integer NOT NULL,
            case_file_ids uuid[] NOT NULL,
            file_versions integer[] NOT NULL,
            metres integer[] NOT NULL,
            reasons text[] NOT NULL,
            CONSTRAINT pk_assignment_plan_worker PRIMARY KEY (plan_id, worker)
        )
        """
    )
    scope(op, "assignment_plan_worker")
