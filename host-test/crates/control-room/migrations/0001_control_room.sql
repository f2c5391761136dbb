-- The Control Room's first tables, in SQL that PostgreSQL takes as well, but for the type BLOB (there
-- BYTEA). Rows have random ids made by the Control Room (128 bits, in hexadecimal), which are never used
-- again. Names are normalised before they come here. Columns called `sealed` hold what
-- `control_room::store::seal` makes, and are listed there. Moments are milliseconds since 1970, UTC.

-- The key in force: its id, and a known text that only it opens. One row.
CREATE TABLE store_key (
    id SMALLINT NOT NULL PRIMARY KEY CHECK (id = 1),
    key_id TEXT NOT NULL,
    sealed BLOB NOT NULL
);

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE roles (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE user_roles (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role_id TEXT NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, role_id)
);

CREATE TABLE lockers (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL
);

-- The roles whose users may consume what is in a locker.
CREATE TABLE locker_roles (
    locker_id TEXT NOT NULL REFERENCES lockers (id) ON DELETE CASCADE,
    role_id TEXT NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    PRIMARY KEY (locker_id, role_id)
);

-- The users who may set the standard values in a locker.
CREATE TABLE locker_owners (
    locker_id TEXT NOT NULL REFERENCES lockers (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (locker_id, user_id)
);

CREATE TABLE credentials (
    id TEXT NOT NULL PRIMARY KEY,
    locker_id TEXT NOT NULL REFERENCES lockers (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    UNIQUE (locker_id, name)
);

CREATE TABLE attributes (
    id TEXT NOT NULL PRIMARY KEY,
    credential_id TEXT NOT NULL REFERENCES credentials (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    -- Each consumer sets their own value; otherwise there is one for everybody.
    user_provided BOOLEAN NOT NULL,
    -- The value is not echoed where it is entered.
    masked BOOLEAN NOT NULL,
    -- The value may only go into a field that is secret.
    password_only BOOLEAN NOT NULL,
    UNIQUE (credential_id, name)
);

CREATE TABLE standard_values (
    attribute_id TEXT NOT NULL PRIMARY KEY REFERENCES attributes (id) ON DELETE CASCADE,
    sealed BLOB NOT NULL
);

CREATE TABLE user_values (
    attribute_id TEXT NOT NULL REFERENCES attributes (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    sealed BLOB NOT NULL,
    PRIMARY KEY (attribute_id, user_id)
);

-- Every use of a value, and every refusal. Names as they were then: a record outlives what it names.
CREATE TABLE vault_uses (
    number BIGINT NOT NULL PRIMARY KEY,
    used_at BIGINT NOT NULL,
    user_name TEXT NOT NULL,
    bot TEXT NOT NULL,
    step TEXT NOT NULL,
    locker TEXT NOT NULL,
    credential TEXT NOT NULL,
    attribute TEXT NOT NULL,
    refused BOOLEAN NOT NULL
);

CREATE INDEX vault_uses_locker ON vault_uses (locker, number);
CREATE INDEX vault_uses_user ON vault_uses (user_name, number);
CREATE INDEX vault_uses_bot ON vault_uses (bot, number);
