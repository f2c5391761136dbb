-- Names as they were typed. `name` stays the form in which they are compared; NULL where both are the same. The code of a
-- row covers such a column only if it has a value, so that the codes of earlier rows stay valid.

ALTER TABLE users ADD COLUMN shown_as TEXT;
ALTER TABLE roles ADD COLUMN shown_as TEXT;
ALTER TABLE lockers ADD COLUMN shown_as TEXT;
ALTER TABLE credentials ADD COLUMN shown_as TEXT;
ALTER TABLE attributes ADD COLUMN shown_as TEXT;
ALTER TABLE connections ADD COLUMN shown_as TEXT;

-- The same for the names in records.
ALTER TABLE vault_uses ADD COLUMN user_shown_as TEXT;
ALTER TABLE vault_uses ADD COLUMN path_shown_as TEXT;
ALTER TABLE audit_events ADD COLUMN actor_shown_as TEXT;
