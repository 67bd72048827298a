"""Clinics to refer to, referrals, and what happened to each."""

from alembic import op

from shared.chassis.migrations import follow, public_read

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE clinic (
            id uuid CONSTRAINT pk_clinic PRIMARY KEY,
            jurisdiction text COLLATE "C" NOT NULL,
            version integer NOT NULL,
            kind text NOT NULL,
            name_fa text NOT NULL,
            name_en text,
            client text,
            active boolean NOT NULL,
            created_at timestamptz NOT NULL,
            created_by text NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX ix_clinic_jurisdiction ON clinic (jurisdiction, id)")
    op.execute("CREATE INDEX ix_clinic_client ON clinic (client)")
    public_read(op, "clinic", reason="families are told where they may go; of who reports for a clinic only that")
    op.execute(
        """
        CREATE TABLE referral (
            id uuid CONSTRAINT pk_referral PRIMARY KEY,
            jurisdiction text COLLATE "C" NOT NULL,
            person_id uuid NOT NULL CONSTRAINT fk_referral_person_id REFERENCES person (id),
            version integer NOT NULL,
            encounter_id uuid NOT NULL CONSTRAINT fk_referral_encounter_id REFERENCES encounter (id),
            programme_code text NOT NULL,
            programme_year integer NOT NULL,
            campaign_id uuid,
            refers_to text NOT NULL,
            token text NOT NULL,
            status text NOT NULL CONSTRAINT ck_referral_status CHECK (status IN (
                'issued', 'reminded', 'no-show', 'attended', 'diagnosed', 'treated', 'followed', 'lost', 'closed',
                'withdrawn')),
            status_since timestamptz NOT NULL,
            issued_on date NOT NULL,
            issued_by text NOT NULL,
            due_on date,
            followed_until date,
            clinic_id uuid CONSTRAINT fk_referral_clinic_id REFERENCES clinic (id),
            reminders integer NOT NULL,
            reminded_at timestamptz,
            escalated_to text,
            escalated_at timestamptz,
            attended_on date,
            diagnosed_on date,
            diagnosis text,
            disorder boolean,
            treated_on date,
            treatment text,
            aid text,
            invoice_number text,
            invoice_rials bigint,
            next_follow_up_on date,
            given_up_on date,
            ended_on date,
            end_reason text,
            CONSTRAINT ck_referral_diagnosis_whole CHECK ((diagnosis IS NULL) = (diagnosed_on IS NULL)),
            CONSTRAINT ck_referral_invoice_whole CHECK ((invoice_number IS NULL) = (invoice_rials IS NULL))
        )
        """
    )
    for index in (
        "INDEX ix_referral_person_id ON referral (person_id)",
        "INDEX ix_referral_encounter_id ON referral (encounter_id)",
        "INDEX ix_referral_clinic_id ON referral (clinic_id, id) WHERE clinic_id IS NOT NULL",
        "INDEX ix_referral_awaited ON referral (due_on) WHERE status IN ('issued', 'reminded', 'no-show')",
        (
            "UNIQUE INDEX uq_referral_open ON referral (person_id, programme_code)"
            " WHERE status NOT IN ('lost', 'closed', 'withdrawn')"
        ),
        "UNIQUE INDEX uq_referral_token ON referral (token)",
    ):
        op.execute(f"CREATE {index}")
    follow(op, "referral", "person", key="person_id")
    op.execute(
        """
        CREATE TABLE referral_step (
            id uuid CONSTRAINT pk_referral_step PRIMARY KEY,
            referral_id uuid NOT NULL CONSTRAINT fk_referral_step_referral_id REFERENCES referral (id),
            kind text NOT NULL,
            at timestamptz NOT NULL,
            actor text NOT NULL,
            about jsonb NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX ix_referral_step_referral_id ON referral_step (referral_id, id)")
    follow(op, "referral_step", "referral", key="referral_id")
