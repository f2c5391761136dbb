-- Why the last request for a token failed, as JSON: the message in each language. NULL if it succeeded.
ALTER TABLE connection_sign_ins ADD COLUMN last_failure TEXT;
