"""From the queue to the final order: children, queue, proposals, placements, deadlines, tracking and erasure."""

from alembic import context, op

from shared.chassis.migrations import follow, scope, unscoped

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    _queue()
    _children()
    _matches()
    _deadlines()
    _erasures()
    _tracking()
    _functions()


def _queue() -> None:
    op.execute(
        """
        CREATE TABLE queue_entry (
            id uuid CONSTRAINT pk_queue_entry PRIMARY KEY
                CONSTRAINT fk_queue_entry_id REFERENCES request (id),
            jurisdiction text COLLATE "C" NOT NULL,
            version integer NOT NULL,
            queue text COLLATE "C" NOT NULL,
            form text NOT NULL,
            rank smallint NOT NULL CONSTRAINT ck_queue_entry_rank CHECK (rank BETWEEN 1 AND 4),
            senior boolean NOT NULL,
            since timestamptz NOT NULL,
            state text NOT NULL CONSTRAINT ck_queue_entry_state CHECK (state IN ('waiting', 'paused', 'left')),
            looked_on date NOT NULL,
            key_id text NOT NULL,
            sealed bytea NOT NULL
        )
        """
    )
    op.execute(
        """
        CREATE TABLE queue_change (
            id uuid CONSTRAINT pk_queue_change PRIMARY KEY,
            request_id uuid NOT NULL CONSTRAINT fk_queue_change_request_id REFERENCES queue_entry (id),
            jurisdiction text COLLATE "C" NOT NULL,
            at timestamptz NOT NULL,
            actor text NOT NULL,
            reason text NOT NULL,
            state text NOT NULL,
            rank smallint NOT NULL,
            senior boolean NOT NULL,
            since timestamptz NOT NULL
        )
        """
    )
    for index in (
        # the place is for the policy, so that counting who is ahead reads the index alone
        (
            "ix_queue_entry_order ON queue_entry (queue, form, rank, senior, since, id)"
            " INCLUDE (jurisdiction) WHERE state = 'waiting'"
        ),
        "ix_queue_entry_jurisdiction ON queue_entry (jurisdiction, id)",
        "ix_queue_entry_looked_on ON queue_entry (looked_on) WHERE state = 'waiting' AND NOT senior",
        "ix_queue_change_request_id ON queue_change (request_id, id)",
    ):
        op.execute(f"CREATE INDEX {index}")
    scope(op, "queue_entry")
    scope(op, "queue_change")


def _children() -> None:
    op.execute(
        """
        CREATE TABLE child (
            id uuid CONSTRAINT pk_child PRIMARY KEY,
            jurisdiction text COLLATE "C" NOT NULL,
            version integer NOT NULL,
            queue text COLLATE "C" NOT NULL,
            state text NOT NULL CONSTRAINT ck_child_state CHECK (state IN (
                'eligible', 'proposed', 'matched', 'trial', 'adopted', 'withdrawn')),
            sex text NOT NULL CONSTRAINT ck_child_sex CHECK (sex IN ('girl', 'boy')),
            born_in date NOT NULL,
            health text NOT NULL CONSTRAINT ck_child_health CHECK (health IN ('healthy', 'treatable', 'lasting')),
            together smallint NOT NULL CONSTRAINT ck_child_together CHECK (together BETWEEN 1 AND 10),
            siblings_id uuid,
            registered_at timestamptz NOT NULL,
            registered_by text NOT NULL,
            key_id text NOT NULL,
            sealed bytea NOT NULL,
            identities bytea[] NOT NULL
        )
        """
    )
    for index in (
        "ix_child_jurisdiction ON child (jurisdiction, id)",
        "ix_child_queue ON child (queue, state)",
        "ix_child_siblings_id ON child (siblings_id) WHERE siblings_id IS NOT NULL",
        "ix_child_identities ON child USING gin (identities)",
    ):
        op.execute(f"CREATE INDEX {index}")
    scope(op, "child")


def _matches() -> None:
    op.execute(
        """
        CREATE TABLE match (
            id uuid CONSTRAINT pk_match PRIMARY KEY,
            jurisdiction text COLLATE "C" NOT NULL,
            version integer NOT NULL,
            request_id uuid NOT NULL CONSTRAINT fk_match_request_id REFERENCES request (id),
            child_ids uuid[] NOT NULL,
            state text NOT NULL CONSTRAINT ck_match_state CHECK (state IN (
                'proposed', 'decided', 'refused', 'matched', 'introduced', 'accepted', 'declined', 'cancelled',
                'placed')),
            state_since timestamptz NOT NULL,
            proposed_at timestamptz NOT NULL,
            proposed_by text NOT NULL,
            out_of_turn boolean NOT NULL,
            decided_by text,
            confirmed_by text,
            introduced_on date,
            answered_on date,
            key_id text NOT NULL,
            sealed bytea NOT NULL,
            CONSTRAINT ck_match_four_eyes CHECK (confirmed_by <> decided_by AND confirmed_by <> proposed_by)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE placement (
            id uuid CONSTRAINT pk_placement PRIMARY KEY,
            jurisdiction text COLLATE "C" NOT NULL,
            version integer NOT NULL,
            request_id uuid NOT NULL CONSTRAINT fk_placement_request_id REFERENCES request (id),
            match_id uuid NOT NULL CONSTRAINT fk_placement_match_id REFERENCES match (id)
                CONSTRAINT uq_placement_match_id UNIQUE,
            child_ids uuid[] NOT NULL,
            state text NOT NULL CONSTRAINT ck_placement_state CHECK (state IN ('trial', 'final', 'revoked')),
            ordered_on date NOT NULL,
            ends_on date NOT NULL,
            ended_on date,
            visits smallint NOT NULL,
            key_id text NOT NULL,
            sealed bytea NOT NULL,
            CONSTRAINT ck_placement_ended CHECK ((state = 'trial') = (ended_on IS NULL))
        )
        """
    )
    for index in (
        "INDEX ix_match_jurisdiction ON match (jurisdiction, id)",
        "INDEX ix_match_request_id ON match (request_id)",
        (
            "UNIQUE INDEX uq_match_open ON match (request_id)"
            " WHERE state IN ('proposed', 'decided', 'matched', 'introduced', 'accepted')"
        ),
        "INDEX ix_placement_jurisdiction ON placement (jurisdiction, id)",
        "INDEX ix_placement_request_id ON placement (request_id)",
    ):
        op.execute(f"CREATE {index}")
    scope(op, "match")
    scope(op, "placement")


def _deadlines() -> None:
    op.execute(
        """
        CREATE TABLE deadline (
            id uuid CONSTRAINT pk_deadline PRIMARY KEY,
            jurisdiction text COLLATE "C" NOT NULL,
            version integer NOT NULL,
            request_id uuid NOT NULL CONSTRAINT fk_deadline_request_id REFERENCES request (id),
            kind text NOT NULL CONSTRAINT ck_deadline_kind CHECK (kind IN (
                'court-opinion', 'document', 'follow-up-visit', 'trial-end')),
            about text,
            since date NOT NULL,
            due_on date,
            rule text,
            done_on date,
            done_by text,
            reference text,
            dropped_at timestamptz,
            told_at timestamptz,
            CONSTRAINT ck_deadline_one_end CHECK (done_on IS NULL OR dropped_at IS NULL)
        )
        """
    )
    for index in (
        "ix_deadline_request_id ON deadline (request_id, id)",
        "ix_deadline_open ON deadline (jurisdiction, due_on, id) WHERE done_on IS NULL AND dropped_at IS NULL",
        "ix_deadline_untold ON deadline (due_on) WHERE told_at IS NULL AND done_on IS NULL AND dropped_at IS NULL",
    ):
        op.execute(f"CREATE INDEX {index}")
    scope(op, "deadline")


def _erasures() -> None:
    op.execute(
        """
        CREATE TABLE erasure (
            id uuid CONSTRAINT pk_erasure PRIMARY KEY,
            jurisdiction text COLLATE "C" NOT NULL,
            request_id uuid NOT NULL CONSTRAINT uq_erasure_request_id UNIQUE,
            form text NOT NULL,
            status text NOT NULL,
            ended_on date NOT NULL,
            rule text NOT NULL,
            days integer NOT NULL,
            erased_at timestamptz NOT NULL,
            rows jsonb NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX ix_erasure_jurisdiction ON erasure (jurisdiction, id)")
    scope(op, "erasure")


def _tracking() -> None:
    op.execute(
        """
        CREATE TABLE tracking (
            request_id uuid CONSTRAINT pk_tracking PRIMARY KEY
                CONSTRAINT fk_tracking_request_id REFERENCES request (id),
            jurisdiction text COLLATE "C" NOT NULL,
            secret bytea NOT NULL CONSTRAINT uq_tracking_secret UNIQUE,
            issued_at timestamptz NOT NULL,
            issued_by text NOT NULL
        )
        """
    )
    follow(op, "tracking", "request", key="request_id")
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


def _functions() -> None:
    # They look at the whole province on purpose: a place in its queue is told to whoever may see the request (or knows
    # its secret), in numbers, and nothing of who else waits. The owner is bound by the policies as well, so they take
    # the nation's scope and give the caller's back.
    op.execute(
        """
        CREATE FUNCTION queue_position(request uuid) RETURNS TABLE (ahead bigint, waiting bigint)
        LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
        AS $$
        DECLARE
            scope_from text := current_setting('app.scope_from', true);
            scope_to text := current_setting('app.scope_to', true);
            mine record;
        BEGIN
            SELECT e.* INTO mine FROM public.queue_entry e WHERE e.id = request;
            IF NOT FOUND THEN
                RETURN;
            END IF;
            PERFORM set_config('app.scope_from', '', true), set_config('app.scope_to', chr(58), true);
            RETURN QUERY SELECT
                CASE WHEN mine.state = 'waiting' THEN
                    (SELECT count(*) FROM public.queue_entry e
                      WHERE e.queue = mine.queue AND e.form = mine.form AND e.state = 'waiting'
                        AND (e.rank, e.senior, e.since, e.id) < (mine.rank, mine.senior, mine.since, mine.id))
                END,
                (SELECT count(*) FROM public.queue_entry e
                  WHERE e.queue = mine.queue AND e.form = mine.form AND e.state = 'waiting');
            PERFORM set_config('app.scope_from', scope_from, true), set_config('app.scope_to', scope_to, true);
        END
        $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION track_adoption_request(asked bytea) RETURNS TABLE (
            form text, status text, status_since timestamptz, opinion_due_on date, rank smallint, senior boolean,
            since timestamptz, ahead bigint)
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
        AS $$
        DECLARE
            scope_from text := current_setting('app.scope_from', true);
            scope_to text := current_setting('app.scope_to', true);
        BEGIN
            PERFORM set_config('app.scope_from', '', true), set_config('app.scope_to', chr(58), true);
            RETURN QUERY
                SELECT r.form, r.status, r.status_since,
                       (SELECT min(d.due_on) FROM public.deadline d
                         WHERE d.request_id = r.id AND d.kind = 'court-opinion' AND d.done_on IS NULL
                           AND d.dropped_at IS NULL),
                       e.rank, e.senior, e.since, p.ahead
                  FROM public.tracking t JOIN public.request r ON r.id = t.request_id
                  LEFT JOIN public.queue_entry e ON e.id = r.id AND e.state = 'waiting'
                  LEFT JOIN LATERAL public.queue_position(e.id) p ON true
                 WHERE t.secret = asked;
            PERFORM set_config('app.scope_from', scope_from, true), set_config('app.scope_to', scope_to, true);
        END
        $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION queue_prospect(
            request uuid, wanted_sex text, from_months integer, to_months integer, healths text[], at_once integer,
            on_day date, since_day date)
        RETURNS TABLE (children bigint, children_of_a_year bigint, ahead bigint)
        LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
        AS $$
        DECLARE
            scope_from text := current_setting('app.scope_from', true);
            scope_to text := current_setting('app.scope_to', true);
            mine record;
        BEGIN
            SELECT e.* INTO mine FROM public.queue_entry e WHERE e.id = request AND e.state = 'waiting';
            IF NOT FOUND THEN
                RETURN;
            END IF;
            PERFORM set_config('app.scope_from', '', true), set_config('app.scope_to', chr(58), true);
            RETURN QUERY
                WITH known AS (
                    SELECT c.state, c.registered_at, c.sex, c.health, c.together,
                           (extract(year FROM age(on_day, c.born_in)) * 12
                            + extract(month FROM age(on_day, c.born_in)))::integer AS months
                      FROM public.child c WHERE c.queue = mine.queue AND c.state <> 'withdrawn'
                ), fit AS (
                    SELECT k.* FROM known k
                     WHERE (wanted_sex IS NULL OR k.sex = wanted_sex) AND (mine.rank <> 2 OR k.sex = 'girl')
                       AND k.months >= from_months AND k.months < to_months AND k.health = ANY (healths)
                       AND k.together <= at_once
                )
                SELECT (SELECT count(*) FROM fit f WHERE f.state = 'eligible'),
                       (SELECT count(*) FROM fit f WHERE f.registered_at >= since_day),
                       (SELECT min(rivals.n) FROM (
                            SELECT DISTINCT f.sex, f.health, f.together, f.months FROM fit f WHERE f.state = 'eligible'
                        ) f, LATERAL (
                            SELECT count(*) AS n FROM public.queue_entry e JOIN public.request r ON r.id = e.id
                             WHERE e.queue = mine.queue AND e.form = mine.form AND e.state = 'waiting'
                               AND (e.rank, e.senior, e.since, e.id) < (mine.rank, mine.senior, mine.since, mine.id)
                               AND (e.rank <> 2 OR f.sex = 'girl') AND r.child_sex IN ('any', f.sex)
                               AND f.months >= r.child_from_months AND f.months < r.child_to_months
                               AND (r.child_health = 'any' OR f.health = 'healthy'
                                    OR (r.child_health = 'treatable' AND f.health = 'treatable'))
                               AND r.siblings >= f.together
                        ) rivals);
            PERFORM set_config('app.scope_from', scope_from, true), set_config('app.scope_to', scope_to, true);
        END
        $$
        """
    )
    application = context.config.attributes["application_role"]
    for function in ("queue_position", "track_adoption_request", "queue_prospect"):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f'GRANT EXECUTE ON FUNCTION {function} TO "{application}"')
