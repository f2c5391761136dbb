-- The queue: runs that wait for a worker, or that a worker has begun. A run leaves it when it ends.

CREATE TABLE queued_runs (
    run_id TEXT NOT NULL PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    -- That of the run: the oldest is begun first.
    number BIGINT NOT NULL,
    -- Which workers may begin it.
    pool TEXT NOT NULL,
    -- See `runs::life`.
    state TEXT NOT NULL,
    -- The bot file and its inputs, as they were submitted. Linked bots are read when the run begins. Empty when it has ended.
    sealed_work BLOB NOT NULL,
    -- Counts the claims. What a worker writes under an earlier one is refused.
    fence BIGINT NOT NULL,
    -- Until when the present claim is valid, by the clock of the database.
    expires_at BIGINT,
    -- How many claims have ended because they were not extended.
    expired BIGINT NOT NULL,
    -- The last step that was begun of those that change something.
    changing_step BIGINT,
    stop_requested BOOLEAN NOT NULL,
    -- The sessions that it has opened, so that their tokens can be revoked if its worker dies.
    sealed_sessions BLOB,
    code BLOB
);

CREATE INDEX queued_runs_of_pool ON queued_runs (pool, state, number);
CREATE INDEX queued_runs_by_expiry ON queued_runs (state, expires_at);

-- Programs that begin runs.
CREATE TABLE workers (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    pool TEXT NOT NULL,
    slots BIGINT NOT NULL,
    version TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    code BLOB
);

-- Since when a run was queued, who began it last, and the last step that it had begun of those that change something, if it is
-- lost. `started_at` is when it was queued until a worker begins it.
ALTER TABLE runs ADD COLUMN queued_at BIGINT;
ALTER TABLE runs ADD COLUMN worker TEXT;
ALTER TABLE runs ADD COLUMN lost_at_step BIGINT;
