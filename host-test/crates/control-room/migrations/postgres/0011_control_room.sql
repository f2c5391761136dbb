-- The tables of the Control Room in PostgreSQL, as version 11 has them in SQLite, whose migrations say what they are for.
-- Versions are the same in both: a change to the tables is a migration of the same number in each.
--
-- Texts are compared byte by byte, as in SQLite. `row_number` is what the `rowid` is there: it tells rows apart, whatever
-- somebody has changed in them.

CREATE TABLE store_key (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    key_id TEXT COLLATE "C" NOT NULL,
    sealed BYTEA NOT NULL
);

CREATE TABLE users (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE,
    code BYTEA,
    generation BIGINT NOT NULL DEFAULT 0,
    shown_as TEXT COLLATE "C",
    row_number BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE
);

CREATE TABLE roles (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE,
    code BYTEA,
    shown_as TEXT COLLATE "C",
    row_number BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE
);

CREATE TABLE user_roles (
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role_id TEXT COLLATE "C" NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, role_id)
);

CREATE TABLE lockers (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE,
    description TEXT COLLATE "C" NOT NULL,
    code BYTEA,
    generation BIGINT NOT NULL DEFAULT 0,
    shown_as TEXT COLLATE "C",
    row_number BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE
);

CREATE TABLE locker_roles (
    locker_id TEXT COLLATE "C" NOT NULL REFERENCES lockers (id) ON DELETE CASCADE,
    role_id TEXT COLLATE "C" NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    PRIMARY KEY (locker_id, role_id)
);

CREATE TABLE locker_owners (
    locker_id TEXT COLLATE "C" NOT NULL REFERENCES lockers (id) ON DELETE CASCADE,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (locker_id, user_id)
);

CREATE TABLE credentials (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    locker_id TEXT COLLATE "C" NOT NULL REFERENCES lockers (id) ON DELETE CASCADE,
    name TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C" NOT NULL,
    code BYTEA,
    shown_as TEXT COLLATE "C",
    row_number BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE,
    UNIQUE (locker_id, name)
);

CREATE TABLE attributes (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    credential_id TEXT COLLATE "C" NOT NULL REFERENCES credentials (id) ON DELETE CASCADE,
    name TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C" NOT NULL,
    user_provided BOOLEAN NOT NULL,
    masked BOOLEAN NOT NULL,
    password_only BOOLEAN NOT NULL,
    code BYTEA,
    shown_as TEXT COLLATE "C",
    row_number BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE,
    UNIQUE (credential_id, name)
);

CREATE TABLE standard_values (
    attribute_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES attributes (id) ON DELETE CASCADE,
    sealed BYTEA NOT NULL,
    code BYTEA,
    row_number BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE
);

CREATE TABLE user_values (
    attribute_id TEXT COLLATE "C" NOT NULL REFERENCES attributes (id) ON DELETE CASCADE,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    sealed BYTEA NOT NULL,
    code BYTEA,
    row_number BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE,
    PRIMARY KEY (attribute_id, user_id)
);

CREATE TABLE vault_uses (
    number BIGINT NOT NULL PRIMARY KEY,
    used_at BIGINT NOT NULL,
    user_name TEXT COLLATE "C" NOT NULL,
    bot TEXT COLLATE "C" NOT NULL,
    step TEXT COLLATE "C" NOT NULL,
    locker TEXT COLLATE "C" NOT NULL,
    credential TEXT COLLATE "C" NOT NULL,
    attribute TEXT COLLATE "C" NOT NULL,
    refused BOOLEAN NOT NULL,
    run_id TEXT COLLATE "C",
    code BYTEA,
    user_shown_as TEXT COLLATE "C",
    path_shown_as TEXT COLLATE "C",
    user_id TEXT COLLATE "C",
    row_number BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE
);

CREATE TABLE connections (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE,
    provider TEXT COLLATE "C" NOT NULL,
    authorization_url TEXT COLLATE "C" NOT NULL,
    token_url TEXT COLLATE "C" NOT NULL,
    issuer TEXT COLLATE "C",
    grant_type TEXT COLLATE "C" NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL,
    sealed_client_secret BYTEA,
    scopes TEXT COLLATE "C" NOT NULL,
    save_login_credentials BOOLEAN NOT NULL,
    revision BIGINT NOT NULL,
    code BYTEA,
    generation BIGINT NOT NULL DEFAULT 0,
    shown_as TEXT COLLATE "C",
    client_authentication TEXT COLLATE "C",
    row_number BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE
);

CREATE TABLE connection_roles (
    connection_id TEXT COLLATE "C" NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    role_id TEXT COLLATE "C" NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    PRIMARY KEY (connection_id, role_id)
);

CREATE TABLE connection_sign_ins (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    connection_id TEXT COLLATE "C" NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    user_id TEXT COLLATE "C" REFERENCES users (id) ON DELETE CASCADE,
    sealed_access_token BYTEA,
    sealed_refresh_token BYTEA,
    token_type TEXT COLLATE "C" NOT NULL,
    asked_at BIGINT NOT NULL,
    expires_at BIGINT,
    granted TEXT COLLATE "C",
    refresh_began BIGINT,
    ended_because TEXT COLLATE "C",
    code BYTEA,
    last_failure TEXT COLLATE "C",
    row_number BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE,
    UNIQUE (connection_id, user_id)
);

CREATE TABLE callback_port (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    port BIGINT NOT NULL,
    code BYTEA,
    host TEXT COLLATE "C",
    row_number BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE
);

CREATE TABLE passwords (
    user_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    hash TEXT COLLATE "C" NOT NULL,
    code BYTEA,
    row_number BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE
);

CREATE TABLE bots (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT COLLATE "C" NOT NULL,
    sorted_as TEXT COLLATE "C" NOT NULL,
    file TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    code BYTEA,
    version_id TEXT COLLATE "C",
    bytes BIGINT,
    row_number BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE
);

CREATE TABLE runs (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    owner_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    bot_id TEXT COLLATE "C" NOT NULL,
    bot TEXT COLLATE "C" NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    outcome TEXT COLLATE "C",
    log TEXT COLLATE "C" NOT NULL,
    code BYTEA,
    sealed_log BYTEA,
    row_number BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE
);

CREATE TABLE audit_events (
    number BIGINT NOT NULL PRIMARY KEY,
    happened_at BIGINT NOT NULL,
    actor TEXT COLLATE "C",
    action TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    refused BOOLEAN NOT NULL,
    code BYTEA,
    actor_shown_as TEXT COLLATE "C",
    row_number BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE
);

CREATE TABLE bot_versions (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    bot_id TEXT COLLATE "C" NOT NULL REFERENCES bots (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    saved_by TEXT COLLATE "C" NOT NULL,
    began_at BIGINT NOT NULL,
    saved_at BIGINT NOT NULL,
    is_kept BOOLEAN NOT NULL,
    sealed_file BYTEA NOT NULL,
    code BYTEA,
    row_number BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE
);

CREATE INDEX vault_uses_locker ON vault_uses (locker, number);
CREATE INDEX vault_uses_user ON vault_uses (user_name, number);
CREATE INDEX vault_uses_bot ON vault_uses (bot, number);
CREATE UNIQUE INDEX connection_sign_ins_shared ON connection_sign_ins (connection_id) WHERE user_id IS NULL;
CREATE INDEX bots_of_owner ON bots (owner_id, sorted_as, id);
CREATE INDEX runs_of_owner ON runs (owner_id, number);
CREATE INDEX vault_uses_of_run ON vault_uses (run_id);
CREATE INDEX audit_events_actor ON audit_events (actor, number);
CREATE INDEX audit_events_action ON audit_events (action, refused, number);
CREATE INDEX bot_versions_of_bot ON bot_versions (bot_id, number);
CREATE INDEX bots_bytes ON bots (owner_id, bytes);
CREATE INDEX vault_uses_user_id ON vault_uses (user_id, number);

-- There is always a role of administrators.
INSERT INTO roles (id, name) VALUES ('administrator', 'administrator');

-- Exclusive work that is too long for a transaction: who does it, and until when, by the clock of this server. The fence grows
-- with each lease of a name, and rows stay, so that it never repeats.
CREATE TABLE leases (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    holder TEXT COLLATE "C",
    fence BIGINT NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL
);
