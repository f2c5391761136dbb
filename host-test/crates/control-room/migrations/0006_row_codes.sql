-- The codes by which the Control Room recognises its own rows; `control_room::store::integrity` lists what each covers.
-- A row without one was written by somebody else, or has not been sealed yet.

ALTER TABLE users ADD COLUMN code BLOB;
ALTER TABLE roles ADD COLUMN code BLOB;
ALTER TABLE lockers ADD COLUMN code BLOB;
ALTER TABLE credentials ADD COLUMN code BLOB;
ALTER TABLE attributes ADD COLUMN code BLOB;
ALTER TABLE standard_values ADD COLUMN code BLOB;
ALTER TABLE user_values ADD COLUMN code BLOB;
ALTER TABLE vault_uses ADD COLUMN code BLOB;
ALTER TABLE connections ADD COLUMN code BLOB;
ALTER TABLE connection_sign_ins ADD COLUMN code BLOB;
ALTER TABLE callback_port ADD COLUMN code BLOB;
ALTER TABLE passwords ADD COLUMN code BLOB;
ALTER TABLE bots ADD COLUMN code BLOB;
ALTER TABLE runs ADD COLUMN code BLOB;

-- The code of a user also covers the user's roles, that of a locker its roles and owners, and that of a connection its
-- roles. These count the changes.
ALTER TABLE users ADD COLUMN generation BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lockers ADD COLUMN generation BIGINT NOT NULL DEFAULT 0;
ALTER TABLE connections ADD COLUMN generation BIGINT NOT NULL DEFAULT 0;

-- What was done to the Control Room and with its connections, what was refused, and rows that somebody without the key
-- had changed.
CREATE TABLE audit_events (
    number BIGINT NOT NULL PRIMARY KEY,
    happened_at BIGINT NOT NULL,
    -- The user who acted, or as whom somebody tried to; none at the command line of the machine.
    actor TEXT,
    action TEXT NOT NULL,
    -- What it happened to, with the name that it had then.
    subject TEXT NOT NULL,
    refused BOOLEAN NOT NULL,
    code BLOB
);

CREATE INDEX audit_events_actor ON audit_events (actor, number);
CREATE INDEX audit_events_action ON audit_events (action, refused, number);

-- There is always a role of administrators.
INSERT INTO roles (id, name) SELECT 'administrator', 'administrator'
    WHERE NOT EXISTS (SELECT 1 FROM roles WHERE name = 'administrator');
