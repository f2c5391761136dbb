//! Temporary
use action_host::Argument;
pub(crate) const AUTHENTICATE: &str = "oauth-authenticate";
pub(crate) fn with_client_credentials(url: &str, id: &str, secret: &str) -> Vec<Argument> {
    vec![
        Argument::text("authentication-type", "client-credentials"),
        Argument::text("url", url),
        Argument::secret("client-id", id),
        Argument::secret("client-secret", secret),
        Argument::text("session-name", "Default"),
    ]
}
