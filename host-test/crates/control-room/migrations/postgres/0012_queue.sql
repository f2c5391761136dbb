-- As in SQLite, whose migration says what the columns are for.

CREATE TABLE queued_runs (
    run_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    pool TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    sealed_work BYTEA NOT NULL,
    fence BIGINT NOT NULL,
    expires_at BIGINT,
    expired BIGINT NOT NULL,
    changing_step BIGINT,
    stop_requested BOOLEAN NOT NULL,
    sealed_sessions BYTEA,
    code BYTEA,
    row_number BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE
);

CREATE INDEX queued_runs_of_pool ON queued_runs (pool, state, number);
CREATE INDEX queued_runs_by_expiry ON queued_runs (state, expires_at);

CREATE TABLE workers (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    pool TEXT COLLATE "C" NOT NULL,
    slots BIGINT NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    started_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    code BYTEA,
    row_number BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE
);

-- Nobody reads who has a lease.
ALTER TABLE leases DROP COLUMN holder;

ALTER TABLE runs ADD COLUMN queued_at BIGINT;
ALTER TABLE runs ADD COLUMN worker TEXT COLLATE "C";
ALTER TABLE runs ADD COLUMN lost_at_step BIGINT;
