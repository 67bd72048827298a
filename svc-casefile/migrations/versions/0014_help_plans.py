"""Assessments of needs, help plans with their goals, and how they went."""

from alembic import op

from shared.chassis.migrations import follow

revision = "0014"
down_revision = "0013"

ABOUT_A_FILE = """
            case_file_id uuid NOT NULL CONSTRAINT fk_{table}_case_file_id REFERENCES case_file (id),
            jurisdiction text COLLATE "C" NOT NULL,"""


def upgrade() -> None:
    op.execute(
        f"""
        CREATE TABLE assessment (
            id uuid CONSTRAINT pk_assessment PRIMARY KEY,{ABOUT_A_FILE.format(table="assessment")}
            assessed_on date NOT NULL,
            summary text,
            needs jsonb NOT NULL,
            recorded_at timestamptz NOT NULL,
            recorded_by text NOT NULL
        )
        """
    )
    op.execute(
        f"""
        CREATE TABLE help_plan (
            id uuid CONSTRAINT pk_help_plan PRIMARY KEY,{ABOUT_A_FILE.format(table="help_plan")}
            version integer NOT NULL,
            assessment_id uuid NOT NULL CONSTRAINT fk_help_plan_assessment_id REFERENCES assessment (id),
            status text NOT NULL CONSTRAINT ck_help_plan_status
                CHECK (status IN ('draft', 'agreed', 'completed', 'stopped')),
            responsible text NOT NULL,
            review_on date NOT NULL,
            agreed_on date,
            agreed_with uuid CONSTRAINT fk_help_plan_agreed_with REFERENCES member (id),
            closed_at timestamptz,
            stop_reason text,
            note text,
            created_at timestamptz NOT NULL,
            created_by text NOT NULL,
            CONSTRAINT ck_help_plan_agreed CHECK (status NOT IN ('agreed', 'completed') OR agreed_on IS NOT NULL),
            CONSTRAINT ck_help_plan_closed CHECK ((status IN ('completed', 'stopped')) = (closed_at IS NOT NULL))
        )
        """
    )
    op.execute(
        f"""
        CREATE TABLE help_plan_goal (
            id uuid CONSTRAINT pk_help_plan_goal PRIMARY KEY,{ABOUT_A_FILE.format(table="help_plan_goal")}
            help_plan_id uuid NOT NULL CONSTRAINT fk_help_plan_goal_help_plan_id REFERENCES help_plan (id),
            position smallint NOT NULL,
            need text NOT NULL,
            member_id uuid CONSTRAINT fk_help_plan_goal_member_id REFERENCES member (id),
            title text NOT NULL,
            indicator text NOT NULL,
            target_on date,
            measures jsonb NOT NULL,
            outcome text,
            outcome_on date,
            CONSTRAINT uq_help_plan_goal_help_plan_id_position UNIQUE (help_plan_id, position),
            CONSTRAINT ck_help_plan_goal_outcome CHECK ((outcome IS NULL) = (outcome_on IS NULL))
        )
        """
    )
    op.execute(
        f"""
        CREATE TABLE help_plan_entry (
            id uuid CONSTRAINT pk_help_plan_entry PRIMARY KEY,{ABOUT_A_FILE.format(table="help_plan_entry")}
            help_plan_id uuid NOT NULL CONSTRAINT fk_help_plan_entry_help_plan_id REFERENCES help_plan (id),
            goal_id uuid CONSTRAINT fk_help_plan_entry_goal_id REFERENCES help_plan_goal (id),
            seen_on date NOT NULL,
            direction text,
            outcome text,
            next_review_on date,
            note text,
            recorded_at timestamptz NOT NULL,
            recorded_by text NOT NULL,
            CONSTRAINT ck_help_plan_entry_direction CHECK ((goal_id IS NULL) = (direction IS NULL)),
            CONSTRAINT ck_help_plan_entry_outcome CHECK (outcome IS NULL OR goal_id IS NOT NULL),
            CONSTRAINT ck_help_plan_entry_review CHECK ((goal_id IS NULL) = (next_review_on IS NOT NULL))
        )
        """
    )
    for index in (
        "INDEX ix_assessment_case_file_id ON assessment (case_file_id, id)",
        "INDEX ix_help_plan_case_file_id ON help_plan (case_file_id, id)",
        "UNIQUE INDEX uq_help_plan_in_force ON help_plan (case_file_id) WHERE status = 'agreed'",
        "INDEX ix_help_plan_entry_help_plan_id ON help_plan_entry (help_plan_id, id)",
        "INDEX ix_help_plan_entry_goal_id ON help_plan_entry (goal_id, id) WHERE goal_id IS NOT NULL",
    ):
        op.execute(f"CREATE {index}")
    for table in ("assessment", "help_plan", "help_plan_goal", "help_plan_entry"):
        follow(op, table, "case_file", key="case_file_id")
