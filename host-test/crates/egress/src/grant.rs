//! What a component may request: hosts, methods, paths and headers. Pure: nothing is resolved or sent here.

use http::header::{
    ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST,
    IF_MATCH, USER_AGENT,
};
use http::{HeaderMap, HeaderName, Method};
use percent_encoding::{percent_decode, percent_decode_str};

use super::allow_list::{AllowList, PatternError};
use super::error::{Error, RequestPart};

/// Headers that every request may have. `Host` is always that of the URL.
const ALWAYS: [HeaderName; 6] = [
    ACCEPT,
    ACCEPT_ENCODING,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    HOST,
    USER_AGENT,
];

/// The requests that a [`Client`](crate::Client) sends. The default is none.
///
/// A path pattern is compared segment by segment; `*` stands for exactly one segment, which is not empty. A path with a
/// segment that a server may resolve or split (`.`, `..`, an encoded slash) matches no pattern. The query is not
/// compared: it goes to a server that the grant names.
///
/// ```
/// use egress::{Grant, RequestRule};
/// use http::{HeaderMap, Method};
///
/// let grant = Grant::new(vec![RequestRule {
///     hosts: vec!["api.example.com".into()],
///     methods: vec!["GET".into()],
///     paths: vec!["/users/*".into()],
///     headers: vec!["authorization".into()],
/// }])?;
/// let check = |path| grant.check(&Method::GET, "api.example.com", 443, path, &HeaderMap::new());
/// assert!(check("/users/ada").is_ok());
/// assert!(check("/users").is_err());
/// assert!(check("/users/../admin").is_err());
/// # Ok::<(), egress::GrantError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Grant {
    rules: Vec<Rule>,
}

/// Any of the methods, to any of the paths, of any of the hosts, with these headers: a rule as people write it.
///
/// ```
/// use egress::{Grant, GrantError, RequestRule};
///
/// let rule = RequestRule {
///     hosts: vec!["api.example.com".into(), "api.*.example.com".into()],
///     methods: vec!["GET".into(), "DELETE".into()],
///     paths: vec!["/users".into(), "/users/*".into()],
///     headers: vec!["authorization".into()],
/// };
/// assert!(Grant::new([rule.clone()]).is_ok());
/// let open = RequestRule { paths: vec!["/users/../admin".into()], ..rule };
/// assert!(matches!(Grant::new([open]), Err(GrantError::Path(_))));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestRule {
    /// Patterns of an [`AllowList`].
    pub hosts: Vec<String>,
    /// Methods, such as `GET`.
    pub methods: Vec<String>,
    /// Paths without a query, such as `/users/*`.
    pub paths: Vec<String>,
    /// Names of headers besides `accept`, `accept-encoding`, `content-length`, `content-type` and `user-agent`.
    pub headers: Vec<String>,
}

/// Why a rule is not valid. See the example of [`RequestRule`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// A host is not valid.
    #[error(transparent)]
    Host(#[from] PatternError),
    /// A method is not valid, or `CONNECT`, which opens a tunnel to anywhere.
    #[error("{0:?} is not a method that can be granted")]
    Method(String),
    /// A path does not begin with a slash, or has a query, or a segment that a server may resolve or split.
    #[error("{0:?} is not a path; expected one such as /users/*")]
    Path(String),
    /// A header is not a valid name, or `host`, which is always that of the URL.
    #[error("{0:?} is not a header that can be granted")]
    Header(String),
}

#[derive(Clone, Debug)]
struct Rule {
    hosts: AllowList,
    /// `None` allows all.
    requests: Option<Requests>,
}

#[derive(Clone, Debug)]
struct Requests {
    methods: Vec<Method>,
    paths: Vec<String>,
    /// How any other path may begin.
    below: Option<&'static str>,
    headers: Vec<HeaderName>,
}

impl Grant {
    /// A grant of these rules.
    ///
    /// # Errors
    ///
    /// [`GrantError`] for the first part of a rule that is not valid.
    pub fn new(rules: impl IntoIterator<Item = RequestRule>) -> Result<Self, GrantError> {
        let rules = rules.into_iter().map(Rule::new);
        Ok(Self {
            rules: rules.collect::<Result<_, _>>()?,
        })
    }

    /// The requests of the OAuth action: for a token, to check it and to revoke it. Stated here independently of what the
    /// action says of itself.
    pub fn genesys_oauth() -> Self {
        let rule = |host, methods: &[Method], path: &str| Rule {
            hosts: AllowList::genesys_hosts(&[host]),
            requests: Some(Requests {
                methods: methods.into(),
                paths: vec![path.into()],
                below: None,
                headers: vec![AUTHORIZATION],
            }),
        };
        Self {
            rules: vec![
                rule("login", &[Method::POST], "/oauth/token"),
                rule("api", &[Method::HEAD, Method::DELETE], "/api/v2/tokens/me"),
            ],
        }
    }

    /// Requests to the API of Genesys Cloud, with a token and with the headers that a bot may set. Stated here independently of
    /// what the step allows.
    pub fn genesys_api() -> Self {
        Self {
            rules: vec![Rule {
                hosts: AllowList::genesys_hosts(&["api"]),
                requests: Some(Requests {
                    methods: vec![
                        Method::GET,
                        Method::POST,
                        Method::PUT,
                        Method::PATCH,
                        Method::DELETE,
                    ],
                    paths: Vec::new(),
                    below: Some("/api/"),
                    headers: vec![AUTHORIZATION, ACCEPT_LANGUAGE, IF_MATCH],
                }),
            }],
        }
    }

    /// Any request to these hosts.
    pub fn any_request_to(hosts: AllowList) -> Self {
        let requests = None;
        Self {
            rules: vec![Rule { hosts, requests }],
        }
    }

    /// All hosts that it names.
    pub fn hosts(&self) -> AllowList {
        let hosts = self.rules.iter().map(|rule| rule.hosts.clone());
        hosts.fold(AllowList::default(), AllowList::and)
    }

    /// Whether a request may be sent. `path` is without the query.
    ///
    /// # Errors
    ///
    /// [`Error::HostNotAllowed`], or [`Error::RequestNotGranted`] with what is not granted.
    pub fn check(
        &self,
        method: &Method,
        host: &str,
        port: u16,
        path: &str,
        headers: &HeaderMap,
    ) -> Result<(), Error> {
        let mut refused = None;
        for rule in self.rules.iter().filter(|it| it.hosts.allows(host, port)) {
            match rule
                .requests
                .as_ref()
                .map(|it| it.check(method, path, headers))
            {
                None | Some(Ok(())) => return Ok(()),
                Some(Err(what)) => refused = Some(what),
            }
        }
        let host = host.to_owned();
        Err(match refused {
            None => Error::HostNotAllowed { host, port },
            Some(what) => Error::RequestNotGranted { host, what },
        })
    }
}

impl Rule {
    fn new(rule: RequestRule) -> Result<Self, GrantError> {
        let methods = rule.methods.into_iter().map(|text| {
            let method = text.parse().ok().filter(|it| *it != Method::CONNECT);
            method.ok_or(GrantError::Method(text))
        });
        let paths = rule.paths.into_iter().map(|path| {
            if is_plain(&path) {
                Ok(path)
            } else {
                Err(GrantError::Path(path))
            }
        });
        let headers = rule.headers.into_iter().map(|text| {
            let header = text.parse().ok().filter(|it| *it != HOST);
            header.ok_or(GrantError::Header(text))
        });
        Ok(Self {
            hosts: AllowList::parse(rule.hosts)?,
            requests: Some(Requests {
                methods: methods.collect::<Result<_, _>>()?,
                paths: paths.collect::<Result<_, _>>()?,
                below: None,
                headers: headers.collect::<Result<_, _>>()?,
            }),
        })
    }
}

impl Requests {
    fn check(&self, method: &Method, path: &str, headers: &HeaderMap) -> Result<(), RequestPart> {
        let is_granted =
            |header: &HeaderName| ALWAYS.contains(header) || self.headers.contains(header);
        if !self.methods.contains(method) {
            Err(RequestPart::Method)
        } else if !self.allows_path(path) {
            Err(RequestPart::Path)
        } else if !headers.keys().all(is_granted) {
            Err(RequestPart::Header)
        } else {
            Ok(())
        }
    }

    fn allows_path(&self, path: &str) -> bool {
        let is_below = |start: &str| path.starts_with(start) && stays_below(path);
        self.below.is_some_and(is_below)
            || is_plain(path) && self.paths.iter().any(|it| matches(it, path))
    }
}

/// Whether no segment of a path is empty, and none could be read as `.` or `..` (RFC 3986, section 3.3): some servers decode
/// twice, and some drop what follows a semicolon. Encoded slashes are allowed, as they are part of a value, but not beside `.` and `..`.
///
/// ```
/// assert!(egress::stays_below("/users/ada%2Flovelace"));
/// assert!(!egress::stays_below("/users/%2e%2e/admin"));
/// assert!(!egress::stays_below("/users/..%2Fadmin"));
/// ```
pub fn stays_below(path: &str) -> bool {
    let mut segments = path.split('/').skip(1);
    segments.all(|segment| {
        !segment.is_empty() && decoded(segment).is_some_and(|it| !it.starts_with(b";"))
    })
}

/// Whether a server reads the same segments as we do (RFC 3986, section 3.3): none that it may resolve or split.
fn is_plain(path: &str) -> bool {
    let is_plain = |segment: &str| {
        decoded(segment).is_some_and(|it| !it.iter().any(|byte| b"/\\?#;".contains(byte)))
    };
    path.starts_with('/') && path.split('/').all(is_plain)
}

/// What a server may read in a segment; `None` if a part of it is `.` or `..`, or if it must not occur in a request line.
fn decoded(segment: &str) -> Option<Vec<u8>> {
    let once: Vec<u8> = percent_decode_str(segment).collect();
    let decoded: Vec<u8> = percent_decode(&once).collect();
    let mut parts = decoded.split(|byte| b"/\\;".contains(byte));
    let is_allowed = !parts.any(|part| matches!(part, b"." | b".."))
        && !decoded.contains(&0)
        && segment
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    is_allowed.then_some(decoded)
}

fn matches(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
            (Some("*"), Some(segment)) if !segment.is_empty() => {}
            (Some(expected), Some(segment)) if expected == segment => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> RequestRule {
        RequestRule {
            hosts: vec!["api.example.com".into(), "api.*.example.com".into()],
            methods: vec!["GET".into(), "DELETE".into()],
            paths: vec!["/users".into(), "/users/*/roles".into()],
            headers: vec!["Authorization".into()],
        }
    }

    fn check(method: &Method, host: &str, path: &str, header: &str) -> Result<(), Error> {
        let mut headers = HeaderMap::new();
        headers.insert(header.parse::<HeaderName>().unwrap(), "x".parse().unwrap());
        Grant::new([rule()])
            .unwrap()
            .check(method, host, 443, path, &headers)
    }

    #[test]
    fn a_request_that_a_rule_names_is_granted() {
        for (host, path) in [
            ("api.example.com", "/users"),
            ("API.eu.example.com", "/users/ada/roles"),
            ("api.example.com", "/users/a%20b/roles"),
        ] {
            for header in [
                "authorization",
                "accept",
                "accept-encoding",
                "content-type",
                "content-length",
                "user-agent",
            ] {
                assert_eq!(
                    check(&Method::GET, host, path, header),
                    Ok(()),
                    "{path} {header}"
                );
            }
        }
    }

    #[test]
    fn a_request_that_differs_in_one_part_is_refused() {
        let refused = |what| {
            Err(Error::RequestNotGranted {
                host: "api.example.com".into(),
                what,
            })
        };
        let host = "api.example.com";
        for method in [Method::POST, Method::PUT, Method::HEAD, Method::CONNECT] {
            assert_eq!(
                check(&method, host, "/users", "accept"),
                refused(RequestPart::Method)
            );
        }
        for path in [
            "/",
            "",
            "/users/",
            "/users/ada",
            "/users//roles",
            "/Users",
            "users",
            "/users/ada/roles/x",
        ] {
            assert_eq!(
                check(&Method::GET, host, path, "accept"),
                refused(RequestPart::Path),
                "{path}"
            );
        }
        for header in ["cookie", "x-secret", "x-user-agent"] {
            assert_eq!(
                check(&Method::GET, host, "/users", header),
                refused(RequestPart::Header)
            );
        }
        assert_eq!(
            check(&Method::GET, "example.com", "/users", "accept"),
            Err(Error::HostNotAllowed {
                host: "example.com".into(),
                port: 443
            })
        );
    }

    #[test]
    fn a_path_that_a_server_may_read_differently_is_refused() {
        for segment in [
            "..",
            ".",
            "%2e%2E",
            "%2e.",
            "%252e%252e",
            "..%3Bx",
            "a%2Fb",
            "a%5Cb",
            "a%00",
            "a\\b",
            "a;b",
            "ä",
            "a b",
        ] {
            let path = format!("/users/{segment}/roles");
            let refused = check(&Method::GET, "api.example.com", &path, "accept");
            assert!(
                matches!(
                    refused,
                    Err(Error::RequestNotGranted {
                        what: RequestPart::Path,
                        ..
                    })
                ),
                "{path}"
            );
        }
    }

    #[test]
    fn the_parts_of_two_rules_are_not_mixed() {
        let other = RequestRule {
            hosts: vec!["login.example.com".into()],
            methods: vec!["POST".into()],
            paths: vec!["/token".into()],
            headers: Vec::new(),
        };
        let grant = Grant::new([rule(), other]).unwrap();
        let none = HeaderMap::new();
        assert!(
            grant
                .check(&Method::POST, "login.example.com", 443, "/token", &none)
                .is_ok()
        );
        assert!(
            grant
                .check(&Method::POST, "api.example.com", 443, "/token", &none)
                .is_err()
        );
        assert!(
            grant
                .check(&Method::GET, "login.example.com", 443, "/users", &none)
                .is_err()
        );
        assert!(grant.hosts().allows("login.example.com", 443));
    }

    #[test]
    fn the_grant_of_the_api_is_for_what_is_below_its_root() {
        let check = |method: &Method, host: &str, path: &str, header: HeaderName| {
            let headers = HeaderMap::from_iter([(header, "x".parse().unwrap())]);
            Grant::genesys_api().check(method, host, 443, path, &headers)
        };
        let host = "api.mypurecloud.de";
        for path in ["/api/v2", "/api/v2/users/me", "/api/v2/users/a%2Fb"] {
            assert_eq!(check(&Method::GET, host, path, AUTHORIZATION), Ok(()));
        }
        for path in [
            "/",
            "/api",
            "/api/",
            "/apis/v2",
            "/api/../x",
            "/api/%2E./x",
            "/api//x",
        ] {
            let refused = check(&Method::GET, host, path, AUTHORIZATION);
            assert!(
                matches!(
                    refused,
                    Err(Error::RequestNotGranted {
                        what: RequestPart::Path,
                        ..
                    })
                ),
                "{path}"
            );
        }
        for host in [
            "login.mypurecloud.de",
            "apps.mypurecloud.de",
            "api.example.com",
        ] {
            let refused = check(&Method::GET, host, "/api/v2", AUTHORIZATION);
            assert!(
                matches!(refused, Err(Error::HostNotAllowed { .. })),
                "{host}"
            );
        }
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            assert_eq!(check(&method, host, "/api/v2", AUTHORIZATION), Ok(()));
        }
        for method in [Method::HEAD, Method::OPTIONS, Method::TRACE] {
            assert!(check(&method, host, "/api/v2", AUTHORIZATION).is_err());
        }
        for header in [ACCEPT_LANGUAGE, IF_MATCH] {
            assert_eq!(check(&Method::GET, host, "/api/v2", header), Ok(()));
        }
        for header in [
            "cookie",
            "if-none-match",
            "proxy-authorization",
            "transfer-encoding",
            "x-forwarded-for",
        ] {
            let header = HeaderName::from_static(header);
            assert!(check(&Method::GET, host, "/api/v2", header).is_err());
        }
    }

    #[test]
    fn an_empty_grant_allows_nothing() {
        let refused =
            Grant::default().check(&Method::GET, "a.example.com", 443, "/", &HeaderMap::new());
        assert!(matches!(refused, Err(Error::HostNotAllowed { .. })));
    }

    #[test]
    fn a_rule_that_is_not_valid_is_an_error() {
        let with = |change: fn(&mut RequestRule)| {
            let mut rule = rule();
            change(&mut rule);
            Grant::new([rule]).unwrap_err()
        };
        assert!(matches!(
            with(|it| it.hosts.push("*.com".into())),
            GrantError::Host(_)
        ));
        for method in ["", "G T", "CONNECT"] {
            let mut rule = rule();
            rule.methods.push(method.into());
            assert_eq!(
                Grant::new([rule]).unwrap_err(),
                GrantError::Method(method.into())
            );
        }
        for path in ["", "users", "/a?b", "/../a", "/a#b"] {
            let mut rule = rule();
            rule.paths.push(path.into());
            assert_eq!(
                Grant::new([rule]).unwrap_err(),
                GrantError::Path(path.into())
            );
        }
        for header in ["", "a b", "host"] {
            let mut rule = rule();
            rule.headers.push(header.into());
            assert_eq!(
                Grant::new([rule]).unwrap_err(),
                GrantError::Header(header.into())
            );
        }
    }
}
