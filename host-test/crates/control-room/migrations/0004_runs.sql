-- The runs of bots that users started in the pages.

CREATE TABLE runs (
    id TEXT NOT NULL PRIMARY KEY,
    -- Counts the runs: a larger one began later.
    number BIGINT NOT NULL UNIQUE,
    owner_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The bot, which may be gone by now, and its name then.
    bot_id TEXT NOT NULL,
    bot TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    -- Both are missing until it ends, and stay so where its process was killed.
    ended_at BIGINT,
    outcome TEXT,
    -- What happened, as JSON.
    log TEXT NOT NULL
);

CREATE INDEX runs_of_owner ON runs (owner_id, number);
