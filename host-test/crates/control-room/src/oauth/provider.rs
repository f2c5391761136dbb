//! Authorization servers: two URLs, and the one host that a client secret may reach.

use bot_engine::Language;
use http::Uri;
use oauth_authentication::environment::Environment;
use oauth_authentication::error::Reason;
use oauth2::url::{Origin, Url};
use thiserror::Error;

use egress::AllowList;

/// The longest URL, in bytes: what browsers and servers commonly accept.
const MAX_URL: usize = 2048;

/// The parameters that the protocol adds to requests. In the query of a configured URL they would occur twice (RFC
/// 6749, sections 3.1 and 3.2), or put a secret into a log.
const PROTOCOL_PARAMETERS: [&str; 13] = [
    "client_id",
    "client_secret",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "grant_type",
    "redirect_uri",
    "refresh_token",
    "response_mode",
    "response_type",
    "scope",
    "state",
];

/// For whom a token is requested: the `audience` of Auth0 and of RFC 8693, the `resource` of RFC 8707. They belong in the
/// form of a token request, and are configured in the query of the token URL.
const TOKEN_PARAMETERS: [&str; 2] = ["audience", "resource"];

/// An authorization server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provider {
    /// Genesys Cloud, whose URLs follow from the environment.
    Genesys(Genesys),
    /// Any other.
    Custom(Custom),
}

/// Genesys Cloud in one environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Genesys {
    issuer: String,
    api_host: String,
    authorization_url: Url,
    token_url: Url,
}

/// A provider with configured URLs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Custom {
    authorization_url: Url,
    token_url: Url,
    issuer: Option<String>,
}

/// A URL of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderUrl {
    /// The page where a person signs in.
    Authorization,
    /// The token endpoint.
    Token,
    /// The provider's identifier.
    Issuer,
}

/// Why a provider is not valid. `Display` is the message in English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{}", self.message(Language::English))]
pub enum ProviderError {
    /// Not a Genesys Cloud environment, and why.
    Environment(Reason),
    /// Not an absolute URL with a host, too long, or with white space or control characters in it.
    NotAUrl(ProviderUrl),
    /// The scheme is not https.
    NotHttps(ProviderUrl),
    /// A user name or a password in front of the host.
    UserInfo(ProviderUrl),
    /// A fragment.
    Fragment(ProviderUrl),
    /// A parameter that is the protocol's own.
    Parameter(ProviderUrl, &'static str),
}

impl ProviderError {
    /// The message for operators.
    pub fn message(self, language: Language) -> String {
        let name = |url| match url {
            ProviderUrl::Authorization => texts::authorization_url(language),
            ProviderUrl::Token => texts::token_url(language),
            ProviderUrl::Issuer => texts::issuer(language),
        };
        match self {
            Self::Environment(reason) => {
                texts::environment(language, reason.localized(language.tag()))
            }
            Self::NotAUrl(url) => texts::not_a_url(language, name(url)),
            Self::NotHttps(url) => texts::not_https(language, name(url)),
            Self::UserInfo(url) => texts::user_info(language, name(url)),
            Self::Fragment(url) => texts::fragment(language, name(url)),
            Self::Parameter(url, parameter) => texts::parameter(language, name(url), parameter),
        }
    }
}

mod texts {
    bot_engine::messages! {
        authorization_url { en: "the authorization URL", de: "die Autorisierungs-URL" }
        token_url { en: "the token URL", de: "die Token-URL" }
        issuer { en: "the issuer", de: "der Aussteller" }
        environment(reason) {
            en: "not a Genesys Cloud environment: {reason}",
            de: "keine Genesys-Cloud-Umgebung: {reason}",
        }
        not_a_url(name) {
            en: "{name} is not a URL; expected a full one that begins with https://",
            de: "{name} ist keine URL; erwartet wird eine vollständige, die mit https:// beginnt",
        }
        not_https(name) {
            en: "{name} is not an https:// address",
            de: "{name} ist keine Adresse mit https://",
        }
        user_info(name) {
            en: "{name} has a user name in it; leave it out",
            de: "{name} enthält einen Benutzernamen; lassen Sie ihn weg",
        }
        fragment(name) {
            en: "{name} has a fragment; leave out the # and what follows it",
            de: "{name} hat ein Fragment; lassen Sie das # und alles danach weg",
        }
        parameter(name, parameter) {
            en: "{name} has the parameter \"{parameter}\", which the protocol adds itself; leave it out",
            de: "{name} hat den Parameter „{parameter}“, den das Protokoll selbst ergänzt; lassen Sie ihn weg",
        }
    }
}

impl Provider {
    /// Genesys Cloud in the environment that `environment` names: a region, its domain, or the address
    /// of one of its hosts.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Environment`] for everything else.
    pub fn genesys(environment: &str) -> Result<Self, ProviderError> {
        let environment = Environment::parse(environment).map_err(ProviderError::Environment)?;
        let host = environment.login_host();
        if !AllowList::genesys().allows(&host, 443) {
            return Err(ProviderError::Environment(Reason::NotGenesys));
        }
        let issuer = format!("https://{host}");
        Ok(Self::Genesys(Genesys {
            api_host: environment.api_host(),
            authorization_url: endpoint(
                ProviderUrl::Authorization,
                &format!("{issuer}/oauth/authorize"),
            )?,
            token_url: endpoint(ProviderUrl::Token, &format!("{issuer}/oauth/token"))?,
            issuer,
        }))
    }

    /// A provider with these endpoints (RFC 6749, sections 3.1 and 3.2). `issuer` is its identifier
    /// (RFC 9207), if it is known.
    ///
    /// # Errors
    ///
    /// Which URL is not valid, and why.
    pub fn custom(
        authorization_url: &str,
        token_url: &str,
        issuer: Option<&str>,
    ) -> Result<Self, ProviderError> {
        let issuer = match issuer {
            // Kept as it was written: identifiers are compared letter by letter.
            Some(issuer) => {
                endpoint(ProviderUrl::Issuer, issuer).map(|_| Some(issuer.trim().to_owned()))?
            }
            None => None,
        };
        Ok(Self::Custom(Custom {
            authorization_url: endpoint(ProviderUrl::Authorization, authorization_url)?,
            token_url: endpoint(ProviderUrl::Token, token_url)?,
            issuer,
        }))
    }

    /// What is wrong with each of these URLs, for [`Self::custom`].
    pub fn custom_problems(
        authorization_url: &str,
        token_url: &str,
        issuer: Option<&str>,
    ) -> Vec<ProviderError> {
        let urls = [
            Some(endpoint(ProviderUrl::Authorization, authorization_url)),
            Some(endpoint(ProviderUrl::Token, token_url)),
            issuer.map(|issuer| endpoint(ProviderUrl::Issuer, issuer)),
        ];
        urls.into_iter().flatten().filter_map(Result::err).collect()
    }

    /// The page where a person signs in.
    pub fn authorization_url(&self) -> &str {
        self.authorization_endpoint().as_str()
    }

    /// The URL of the token endpoint.
    pub fn token_url(&self) -> &str {
        self.token_endpoint().as_str()
    }

    /// Its identifier (RFC 9207), if it is known.
    pub fn issuer(&self) -> Option<&str> {
        match self {
            Self::Genesys(genesys) => Some(&genesys.issuer),
            Self::Custom(custom) => custom.issuer.as_deref(),
        }
    }

    /// The address of the host that issues the tokens, such as `https://login.mypurecloud.de`. For Genesys Cloud it
    /// names the environment, however the provider was described.
    pub fn token_origin(&self) -> String {
        self.token_endpoint().origin().ascii_serialization()
    }

    /// The token host alone, so that a client secret can reach no other.
    pub fn allow_list(&self) -> AllowList {
        let url = self.token_endpoint();
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or(443);
        // If the host is not a valid pattern, nothing may be sent at all.
        AllowList::parse([format!("{host}:{port}")]).unwrap_or_default()
    }

    /// The host of its API, at which tokens are revoked; only known of Genesys Cloud.
    pub(crate) fn api_host(&self) -> Option<&str> {
        match self {
            Self::Genesys(genesys) => Some(&genesys.api_host),
            Self::Custom(_) => None,
        }
    }

    /// Whether an `iss` in a callback is this provider's (RFC 9207, section 2.4). If none is
    /// configured, it must at least have the origin of the authorization URL: providers put their
    /// tenant's path behind it.
    pub(super) fn is_issuer(&self, iss: &str) -> bool {
        match self {
            Self::Genesys(genesys) => genesys.issuer == iss,
            Self::Custom(Custom {
                issuer: Some(issuer),
                ..
            }) => issuer == iss,
            Self::Custom(custom) => origin(iss) == Some(custom.authorization_url.origin()),
        }
    }

    pub(super) fn authorization_endpoint(&self) -> &Url {
        match self {
            Self::Genesys(genesys) => &genesys.authorization_url,
            Self::Custom(custom) => &custom.authorization_url,
        }
    }

    pub(super) fn token_endpoint(&self) -> &Url {
        match self {
            Self::Genesys(genesys) => &genesys.token_url,
            Self::Custom(custom) => &custom.token_url,
        }
    }

    /// What the query of the token URL has for the form of a token request.
    pub(super) fn token_parameters(&self) -> Vec<(String, String)> {
        let pairs = self.token_endpoint().query_pairs();
        pairs
            .filter(|(name, _)| TOKEN_PARAMETERS.contains(&name.as_ref()))
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect()
    }

    /// The token URL without [these](Self::token_parameters), as a parameter is sent only once (RFC 6749, section 3.2). The
    /// rest of its query stays as it is.
    pub(super) fn token_request_url(&self) -> Url {
        let is_kept = |pair: &&str| {
            let mut pair = form_urlencoded::parse(pair.as_bytes());
            !pair.any(|(name, _)| TOKEN_PARAMETERS.contains(&name.as_ref()))
        };
        let mut url = self.token_endpoint().clone();
        let kept = |query: &str| {
            query
                .split('&')
                .filter(is_kept)
                .collect::<Vec<_>>()
                .join("&")
        };
        let query = url.query().map(kept).filter(|query| !query.is_empty());
        url.set_query(query.as_deref());
        url
    }
}

fn origin(url: &str) -> Option<Origin> {
    Url::parse(url).ok().map(|url| url.origin())
}

/// Reads the text of a URL.
fn endpoint(which: ProviderUrl, text: &str) -> Result<Url, ProviderError> {
    let text = text.trim();
    // `Url::parse` silently drops tabs and line breaks.
    if text.len() > MAX_URL || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(ProviderError::NotAUrl(which));
    }
    let url = Url::parse(text).map_err(|_| ProviderError::NotAUrl(which))?;
    if url.scheme() != "https" {
        return Err(ProviderError::NotHttps(which));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(ProviderError::UserInfo(which));
    }
    if url.fragment().is_some() {
        return Err(ProviderError::Fragment(which));
    }
    let own = |name: &str| PROTOCOL_PARAMETERS.into_iter().find(|own| *own == name);
    if let Some(parameter) = url.query_pairs().find_map(|(name, _)| own(&name)) {
        return Err(ProviderError::Parameter(which, parameter));
    }
    // The HTTP client's parser is stricter.
    if url.as_str().parse::<Uri>().is_err() {
        return Err(ProviderError::NotAUrl(which));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn custom(authorization_url: &str, token_url: &str) -> Result<Provider, ProviderError> {
        Provider::custom(authorization_url, token_url, None)
    }

    #[test]
    fn both_urls_of_genesys_follow_from_the_environment() {
        for environment in ["eu-central-1", "https://apps.mypurecloud.de/directory/#/"] {
            let provider = Provider::genesys(environment).unwrap();
            assert_eq!(
                provider.authorization_url(),
                "https://login.mypurecloud.de/oauth/authorize"
            );
            assert_eq!(
                provider.token_url(),
                "https://login.mypurecloud.de/oauth/token"
            );
        }
        let error = Provider::genesys("https://login.mypurecloud.de.evil.example").unwrap_err();
        assert!(matches!(error, ProviderError::Environment(_)), "{error}");
    }

    #[test]
    fn endpoints_must_be_https_without_user_info_and_fragment() {
        use ProviderError::{Fragment, NotAUrl, NotHttps, UserInfo};
        let long = format!("https://a.example/{}", "x".repeat(MAX_URL));
        for (url, error) in [
            ("", NotAUrl(ProviderUrl::Token)),
            ("token", NotAUrl(ProviderUrl::Token)),
            ("https://", NotAUrl(ProviderUrl::Token)),
            ("https://a.example/a b", NotAUrl(ProviderUrl::Token)),
            ("https://a.exa\nmple/", NotAUrl(ProviderUrl::Token)),
            (&long, NotAUrl(ProviderUrl::Token)),
            ("http://a.example/token", NotHttps(ProviderUrl::Token)),
            ("file:///token", NotHttps(ProviderUrl::Token)),
            ("https://user@a.example/token", UserInfo(ProviderUrl::Token)),
            ("https://:p@a.example/token", UserInfo(ProviderUrl::Token)),
            ("https://a.example/token#", Fragment(ProviderUrl::Token)),
            ("https://a.example/token#x", Fragment(ProviderUrl::Token)),
        ] {
            let result = custom("https://a.example/authorize", url);
            assert_eq!(result.unwrap_err(), error, "{url}");
        }
        let error = custom("http://a.example/authorize", "https://a.example/token").unwrap_err();
        assert_eq!(error, NotHttps(ProviderUrl::Authorization));
    }

    #[test]
    fn protocol_parameters_in_a_url_are_rejected() {
        let error = custom("https://a.example/?tenant=1", "https://a.example/?scope=x");
        assert_eq!(
            error.unwrap_err(),
            ProviderError::Parameter(ProviderUrl::Token, "scope")
        );
        let error = custom("https://a.example/?%73tate=1", "https://a.example/");
        assert_eq!(
            error.unwrap_err(),
            ProviderError::Parameter(ProviderUrl::Authorization, "state")
        );
        assert!(custom("https://a.example/?tenant=1", "https://a.example/?v=2").is_ok());
    }

    #[test]
    fn the_allow_list_contains_the_token_host_only() {
        let provider = custom("https://a.example/", "https://Token.example:8443/").unwrap();
        let list = provider.allow_list();
        assert!(list.allows("token.example", 8443));
        for (host, port) in [("token.example", 443), ("a.example", 443)] {
            assert!(!list.allows(host, port), "{host}:{port}");
        }
        for (url, host) in [
            ("https://192.0.2.1/", "192.0.2.1"),
            ("https://[2001:db8::1]/", "[2001:db8::1]"),
            ("https://bücher.example/", "xn--bcher-kva.example"),
        ] {
            let provider = custom("https://a.example/", url).unwrap();
            assert!(provider.allow_list().allows(host, 443), "{url}");
        }
        let genesys = Provider::genesys("mypurecloud.de").unwrap().allow_list();
        assert!(genesys.allows("login.mypurecloud.de", 443));
        assert!(!genesys.allows("api.mypurecloud.de", 443));
    }

    #[test]
    fn the_issuer_is_compared_exactly_or_by_its_origin() {
        let genesys = Provider::genesys("mypurecloud.de").unwrap();
        assert!(genesys.is_issuer("https://login.mypurecloud.de"));
        assert!(!genesys.is_issuer("https://login.mypurecloud.de/"));
        assert!(!genesys.is_issuer("https://login.mypurecloud.ie"));

        let urls = ("https://a.example/authorize", "https://b.example/token");
        let unknown = Provider::custom(urls.0, urls.1, None).unwrap();
        assert!(unknown.is_issuer("https://a.example/realms/x"));
        for other in [
            "https://b.example",
            "https://a.example:8443",
            "a.example",
            "",
        ] {
            assert!(!unknown.is_issuer(other), "{other}");
        }
        let issuer = "https://a.example/realms/x";
        let known = Provider::custom(urls.0, urls.1, Some(issuer)).unwrap();
        assert!(known.is_issuer(issuer));
        assert!(!known.is_issuer("https://a.example"));
    }
}
