-- The id of the user who used a value. A name alone is ambiguous: it can be given to another user after the first is removed.
-- NULL for uses recorded before this migration, or if there was no such user.
ALTER TABLE vault_uses ADD COLUMN user_id TEXT;
CREATE INDEX vault_uses_user_id ON vault_uses (user_id, number);
