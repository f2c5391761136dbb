//! The requests of a run, in the order in which they are sent. Each serves several facts; none changes anything in the
//! organization.

use http::Method;

use Authorization::{Bearer, Client, Nothing, UnknownClient, WrongSecret};

/// The resource that stands for the token of the request.
pub(crate) const TOKENS_ME: &str = "/api/v2/tokens/me";

/// The same, without counting as its use.
const DESCRIPTION: &str = "/api/v2/tokens/me?preserveIdleTTL=true";

const CLIENT_CREDENTIALS: &str = "grant_type=client_credentials";

/// The name of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Probe {
    Token,
    UnknownClient,
    WrongSecret,
    NoGrantType,
    UnknownGrantType,
    OtherGrantType,
    CheckToken,
    DescribeToken,
    DescribeUser,
    ListUsers,
    NoToken,
    UnknownPath,
    UnknownMethod,
    Revoke,
    RevokeAgain,
    CheckRevoked,
}

/// What the header `Authorization` has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Authorization {
    Nothing,
    Client,
    UnknownClient,
    WrongSecret,
    Bearer,
}

/// A request; one with a form is for the login host, one without for the API host.
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) authorization: Authorization,
    pub(crate) form: Option<&'static str>,
}

/// All of them. A token comes first: without one, the client is not usable, and refusals of it would say nothing.
pub(crate) const REQUESTS: [(Probe, Request); 16] = [
    (Probe::Token, login(Client, CLIENT_CREDENTIALS)),
    (
        Probe::UnknownClient,
        login(UnknownClient, CLIENT_CREDENTIALS),
    ),
    (Probe::WrongSecret, login(WrongSecret, CLIENT_CREDENTIALS)),
    (Probe::NoGrantType, login(Client, "")),
    (Probe::UnknownGrantType, login(Client, "grant_type=unknown")),
    (
        Probe::OtherGrantType,
        login(Client, "grant_type=authorization_code&code=unknown"),
    ),
    (Probe::CheckToken, api(Method::HEAD, TOKENS_ME, Bearer)),
    (Probe::DescribeToken, api(Method::GET, DESCRIPTION, Bearer)),
    (
        Probe::DescribeUser,
        api(Method::GET, "/api/v2/users/me", Bearer),
    ),
    (
        Probe::ListUsers,
        api(Method::GET, "/api/v2/users?pageSize=1", Bearer),
    ),
    (Probe::NoToken, api(Method::GET, TOKENS_ME, Nothing)),
    (
        Probe::UnknownPath,
        api(Method::GET, "/api/v2/unknown", Bearer),
    ),
    (Probe::UnknownMethod, api(Method::PUT, TOKENS_ME, Bearer)),
    (Probe::Revoke, api(Method::DELETE, TOKENS_ME, Bearer)),
    (Probe::RevokeAgain, api(Method::DELETE, TOKENS_ME, Bearer)),
    (Probe::CheckRevoked, api(Method::HEAD, TOKENS_ME, Bearer)),
];

const fn login(authorization: Authorization, form: &'static str) -> Request {
    Request {
        method: Method::POST,
        path: "/oauth/token",
        authorization,
        form: Some(form),
    }
}

/// A request to the API.
pub(crate) const fn api(
    method: Method,
    path: &'static str,
    authorization: Authorization,
) -> Request {
    Request {
        method,
        path,
        authorization,
        form: None,
    }
}
