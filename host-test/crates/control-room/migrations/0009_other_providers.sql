-- What other providers than Genesys Cloud need. NULL is what they were before, so that the codes of earlier rows stay valid.

-- How the client authenticates itself: 'form' for `client_secret_post`; NULL for the header of HTTP Basic.
ALTER TABLE connections ADD COLUMN client_authentication TEXT;

-- The host of the callback URL: 'localhost'; NULL for 127.0.0.1.
ALTER TABLE callback_port ADD COLUMN host TEXT;
