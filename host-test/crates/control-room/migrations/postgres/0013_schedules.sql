-- As in SQLite, whose migration says what the columns are for.

CREATE TABLE schedules (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    bot_id TEXT COLLATE "C" NOT NULL REFERENCES bots (id) ON DELETE CASCADE,
    pool TEXT COLLATE "C" NOT NULL,
    expression TEXT COLLATE "C" NOT NULL,
    time_zone TEXT COLLATE "C" NOT NULL,
    overlap TEXT COLLATE "C" NOT NULL,
    missed TEXT COLLATE "C" NOT NULL,
    sealed_inputs BYTEA NOT NULL,
    is_paused BOOLEAN NOT NULL,
    next_at BIGINT,
    last_at BIGINT,
    last_result TEXT COLLATE "C",
    last_run TEXT COLLATE "C",
    code BYTEA,
    row_number BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE
);

CREATE INDEX schedules_of_owner ON schedules (owner_id, id);
CREATE INDEX schedules_by_time ON schedules (is_paused, next_at);
