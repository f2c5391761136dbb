-- Bot files with their former versions, and logs of runs, are sealed like values. What earlier versions stored in the clear
-- in `bots.file` and `runs.log` is sealed once (`store::clear_texts`), and both stay empty from then on.

CREATE TABLE bot_versions (
    id TEXT NOT NULL PRIMARY KEY,
    bot_id TEXT NOT NULL REFERENCES bots (id) ON DELETE CASCADE,
    -- That of the bot when it was saved last.
    number BIGINT NOT NULL,
    -- The name of the user who saved it, as it was then.
    saved_by TEXT NOT NULL,
    -- When the first and the last change of it were saved.
    began_at BIGINT NOT NULL,
    saved_at BIGINT NOT NULL,
    -- Whether the next change begins a new version in any case.
    is_kept BOOLEAN NOT NULL,
    sealed_file BLOB NOT NULL,
    code BLOB
);

CREATE INDEX bot_versions_of_bot ON bot_versions (bot_id, number);

-- The version that is in force, and the length of its file.
ALTER TABLE bots ADD COLUMN version_id TEXT;
ALTER TABLE bots ADD COLUMN bytes BIGINT;

CREATE INDEX bots_bytes ON bots (owner_id, bytes);

ALTER TABLE runs ADD COLUMN sealed_log BLOB;
