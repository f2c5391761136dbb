-- Schedules: when bots start by themselves. They go with their bot.

CREATE TABLE schedules (
    id TEXT NOT NULL PRIMARY KEY,
    owner_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    bot_id TEXT NOT NULL REFERENCES bots (id) ON DELETE CASCADE,
    -- Which workers may begin its runs.
    pool TEXT NOT NULL,
    -- A cron expression, and the name of the time zone in which it is read.
    expression TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    -- What happens while its last run goes on, and after times at which nothing could start it. See `schedules`.
    overlap TEXT NOT NULL,
    missed TEXT NOT NULL,
    -- What is given for the inputs of the bot.
    sealed_inputs BLOB NOT NULL,
    is_paused BOOLEAN NOT NULL,
    -- When it starts next; NULL while it is paused, and if that has to be calculated anew.
    next_at BIGINT,
    -- Its last time, what happened then, and the run that it started last.
    last_at BIGINT,
    last_result TEXT,
    last_run TEXT,
    code BLOB
);

CREATE INDEX schedules_of_owner ON schedules (owner_id, id);
CREATE INDEX schedules_by_time ON schedules (is_paused, next_at);
