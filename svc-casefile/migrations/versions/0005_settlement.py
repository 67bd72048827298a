"""Tariffs as registry signs them off, and the monthly settlement of what they pay for."""

from alembic import context, op

from shared.chassis.migrations import public_read, scope

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE tariff (
            id uuid CONSTRAINT pk_tariff PRIMARY KEY,
            version integer NOT NULL,
            service_code text NOT NULL,
            area_class text NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            valid_from date NOT NULL,
            valid_to date,
            amount_rials bigint NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX ix_tariff_service_code_area_class ON tariff (service_code, area_class)")
    public_read(op, "tariff", reason="a tariff of the nation or a province holds for every center within it")
    op.execute(
        """
        CREATE TABLE settlement (
            id uuid CONSTRAINT pk_settlement PRIMARY KEY,
            jurisdiction text COLLATE "C" NOT NULL
                CONSTRAINT ck_settlement_of_a_center CHECK (length(jurisdiction) = 7),
            month text NOT NULL,
            first_day date NOT NULL,
            last_day date NOT NULL,
            counted_to date NOT NULL,
            version integer NOT NULL,
            status text NOT NULL
                CONSTRAINT ck_settlement_status CHECK (status IN ('draft', 'closed', 'approved', 'paid')),
            digest text NOT NULL,
            lines integer NOT NULL,
            counted integer NOT NULL,
            unpriced integer NOT NULL,
            total_rials bigint NOT NULL,
            drafted_at timestamptz NOT NULL,
            drafted_by text NOT NULL,
            closed_at timestamptz,
            closed_by text,
            approved_at timestamptz,
            approved_by text,
            paid_at timestamptz,
            paid_by text,
            paid_on date,
            payment_reference text,
            CONSTRAINT uq_settlement_jurisdiction_month UNIQUE (jurisdiction, month),
            CONSTRAINT ck_settlement_closed CHECK ((status = 'draft') = (closed_at IS NULL)),
            CONSTRAINT ck_settlement_approved CHECK ((status IN ('approved', 'paid')) = (approved_at IS NOT NULL)),
            CONSTRAINT ck_settlement_paid CHECK ((status = 'paid') = (paid_at IS NOT NULL))
        )
        """
    )
    op.execute("CREATE INDEX ix_settlement_month_jurisdiction ON settlement (month, jurisdiction)")
    scope(op, "settlement")
    op.execute(
        """
        CREATE TABLE settlement_line (
            id uuid CONSTRAINT pk_settlement_line PRIMARY KEY,
            settlement_id uuid NOT NULL
                CONSTRAINT fk_settlement_line_settlement_id REFERENCES settlement (id),
            position integer NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            month text NOT NULL,
            kind text NOT NULL CONSTRAINT ck_settlement_line_kind CHECK (kind IN ('care', 'visit', 'delivery')),
            entry text NOT NULL
                CONSTRAINT ck_settlement_line_entry CHECK (entry IN ('original', 'reversal', 'correction')),
            case_file_id uuid NOT NULL
                CONSTRAINT fk_settlement_line_case_file_id REFERENCES case_file (id),
            ref uuid,
            worker text,
            payer_category text,
            area_class text NOT NULL,
            service_code text,
            from_day date NOT NULL,
            to_day date NOT NULL,
            days integer NOT NULL,
            of_days integer,
            counted boolean NOT NULL,
            reason text,
            tariff_id uuid,
            tariff_version integer,
            tariff_rials bigint,
            total_rials bigint NOT NULL,
            follows uuid,
            CONSTRAINT uq_settlement_line_settlement_id_position UNIQUE (settlement_id, position),
            CONSTRAINT ck_settlement_line_counts_or_says_why_not
                CHECK (counted = (reason IS NULL) AND (counted OR total_rials = 0)),
            CONSTRAINT ck_settlement_line_counts_by_a_tariff CHECK (NOT counted OR tariff_id IS NOT NULL)
        )
        """
    )
    for index in (
        "INDEX ix_settlement_line_case_file_id ON settlement_line (case_file_id, month)",
        "INDEX ix_settlement_line_ref ON settlement_line (ref) WHERE ref IS NOT NULL",
        "INDEX ix_settlement_line_follows ON settlement_line (follows) WHERE follows IS NOT NULL",
    ):
        op.execute(f"CREATE {index}")
    scope(op, "settlement_line")
    op.execute(
        """
        CREATE TABLE settlement_share (
            settlement_id uuid NOT NULL
                CONSTRAINT fk_settlement_share_settlement_id REFERENCES settlement (id),
            worker text NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            lines integer NOT NULL,
            counted integer NOT NULL,
            total_rials bigint NOT NULL,
            CONSTRAINT pk_settlement_share PRIMARY KEY (settlement_id, worker)
        )
        """
    )
    scope(op, "settlement_share")
    application = context.config.attributes["application_role"]
    for table in ("settlement_line", "settlement_share"):
        # a draft is made anew; what is closed stays as it is, whatever a program tries
        draft = f"EXISTS (SELECT FROM settlement s WHERE s.id = {table}.settlement_id AND s.status = 'draft')"
        op.execute(f"CREATE POLICY drafts_are_made_anew ON {table} AS RESTRICTIVE FOR DELETE USING ({draft})")
        op.execute(f"CREATE POLICY only_into_drafts ON {table} AS RESTRICTIVE FOR INSERT WITH CHECK ({draft})")
        op.execute(f'REVOKE UPDATE ON {table} FROM "{application}"')
    op.execute(
        """
        CREATE TABLE settlement_correction (
            id uuid CONSTRAINT pk_settlement_correction PRIMARY KEY,
            jurisdiction text COLLATE "C" NOT NULL,
            line_id uuid NOT NULL CONSTRAINT uq_settlement_correction_line_id UNIQUE
                CONSTRAINT fk_settlement_correction_line_id REFERENCES settlement_line (id),
            counts boolean NOT NULL,
            days integer NOT NULL,
            reason text NOT NULL,
            made_at timestamptz NOT NULL,
            made_by text NOT NULL,
            settlement_id uuid CONSTRAINT fk_settlement_correction_settlement_id REFERENCES settlement (id)
        )
        """
    )
    op.execute("CREATE INDEX ix_settlement_correction_jurisdiction ON settlement_correction (jurisdiction)")
    scope(op, "settlement_correction")
    op.execute(
        """
        CREATE TABLE settlement_dispute (
            id uuid CONSTRAINT pk_settlement_dispute PRIMARY KEY,
            settlement_id uuid NOT NULL
                CONSTRAINT fk_settlement_dispute_settlement_id REFERENCES settlement (id),
            line_id uuid NOT NULL,
            jurisdiction text COLLATE "C" NOT NULL,
            version integer NOT NULL,
            status text NOT NULL
                CONSTRAINT ck_settlement_dispute_status CHECK (status IN ('open', 'upheld', 'rejected')),
            worker text,
            reason text NOT NULL,
            opened_at timestamptz NOT NULL,
            opened_by text NOT NULL,
            answer text,
            answered_at timestamptz,
            answered_by text,
            CONSTRAINT ck_settlement_dispute_answered
                CHECK ((status = 'open') = (answered_at IS NULL) AND (status = 'open') = (answer IS NULL))
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX uq_settlement_dispute_open ON settlement_dispute (line_id) WHERE status = 'open'")
    op.execute("CREATE INDEX ix_settlement_dispute_settlement_id ON settlement_dispute (settlement_id)")
    scope(op, "settlement_dispute")
