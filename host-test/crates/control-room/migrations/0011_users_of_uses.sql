-- The id of the user who used a value. A name alone could be that of another one, who has it now. NULL for a use before, or
-- if there was no such user.
ALTER TABLE vault_uses ADD COLUMN user_id TEXT;
CREATE INDEX vault_uses_user_id ON vault_uses (user_id, number);
