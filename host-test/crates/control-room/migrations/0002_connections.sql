-- OAuth connections and the tokens that they have. Columns that begin with `sealed_` hold what
-- `control_room::store::seal` makes, and are listed there. Moments are milliseconds since 1970, UTC.

CREATE TABLE connections (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    -- 'genesys' or 'custom'
    provider TEXT NOT NULL,
    authorization_url TEXT NOT NULL,
    token_url TEXT NOT NULL,
    issuer TEXT,
    -- 'authorization-code', 'authorization-code-pkce' or 'client-credentials'
    grant_type TEXT NOT NULL,
    client_id TEXT NOT NULL,
    -- None for a public client.
    sealed_client_secret BLOB,
    scopes TEXT NOT NULL,
    -- Whether a token is kept that all who may use the connection share.
    save_login_credentials BOOLEAN NOT NULL,
    -- Counts the changes that make it another client, whose tokens are others.
    revision BIGINT NOT NULL
);

-- The roles whose users may use a connection.
CREATE TABLE connection_roles (
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    role_id TEXT NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    PRIMARY KEY (connection_id, role_id)
);

-- What came of a sign-in, or of a request of the client itself. Another sign-in makes another row.
CREATE TABLE connection_sign_ins (
    id TEXT NOT NULL PRIMARY KEY,
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    -- Whose token it is; none for the shared one.
    user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
    sealed_access_token BLOB,
    sealed_refresh_token BLOB,
    token_type TEXT NOT NULL,
    -- Just before the token was asked for.
    asked_at BIGINT NOT NULL,
    -- None where the provider does not say.
    expires_at BIGINT,
    -- The scopes that the provider named, if it did.
    granted TEXT,
    -- Since when an answer to a refresh is waited for.
    refresh_began BIGINT,
    -- Why somebody has to sign in again.
    ended_because TEXT,
    UNIQUE (connection_id, user_id)
);

CREATE UNIQUE INDEX connection_sign_ins_shared ON connection_sign_ins (connection_id)
    WHERE user_id IS NULL;

-- Where browsers come back to, a port of loopback. One row.
CREATE TABLE callback_port (
    id SMALLINT NOT NULL PRIMARY KEY CHECK (id = 1),
    port INTEGER NOT NULL
);
