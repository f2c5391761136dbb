-- What the pages of the Control Room need: who can sign in, and the bots that are made in them.

-- The users who can sign in at the pages.
CREATE TABLE passwords (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    -- argon2id with its parameters and salt, as a PHC string.
    hash TEXT NOT NULL
);

-- Bots, which go with their owner.
CREATE TABLE bots (
    id TEXT NOT NULL PRIMARY KEY,
    owner_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    -- The name in lower case, to search and to sort by.
    sorted_as TEXT NOT NULL,
    -- The bot file, byte for byte.
    file TEXT NOT NULL,
    -- Counts the changes: who saves tells which one they have seen.
    version BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);

CREATE INDEX bots_of_owner ON bots (owner_id, sorted_as, id);
