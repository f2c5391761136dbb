-- The run in which a credential was used, where it is remembered.
ALTER TABLE vault_uses ADD COLUMN run_id TEXT;

CREATE INDEX vault_uses_of_run ON vault_uses (run_id);
