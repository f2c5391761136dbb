//! The errors of the action: the variants of the contract's `error`. Their messages are in `locales/`.

use crate::texts::{ENGLISH, Locale, Text};

/// Why the action failed, with one variant for each thing that a caller can do about it. See `error` in the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// A field is empty or malformed; nothing was sent.
    InvalidInput {
        /// The field's name in the form.
        field: &'static str,
        /// What is wrong with it.
        reason: Reason,
        /// The character that must not be in it, with [`Reason::ControlCharacters`].
        character: Option<char>,
    },
    /// Genesys Cloud refused the client, its secret or its token.
    Rejected(Rejection),
    /// The client made too many requests.
    Throttled {
        /// The host that limits the requests.
        host: String,
        /// `Retry-After` in seconds, if the server sent it.
        retry_after: Option<u32>,
        /// The header `ININ-Correlation-Id`, if the response had one.
        correlation_id: Option<String>,
    },
    /// There was no usable response. A retry may help.
    Unavailable(Failure),
    /// The server's certificate is not trusted.
    UntrustedServer(Failure),
    /// The runtime does not allow this connection.
    NotPermitted(Failure),
    /// The response is neither a token nor a refusal.
    UnexpectedResponse(Failure),
    /// Any other failure, such as a runtime that violates `wasi:http`.
    Other(Failure),
}

/// A refusal by Genesys Cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The host that refused the request.
    pub host: String,
    /// The error code in the response (RFC 6749, section 5.2; RFC 6750, section 3.1; or one of Genesys').
    pub code: String,
    /// The server's description, safe to display.
    pub description: Option<String>,
    /// The header `ININ-Correlation-Id`, if the response had one.
    pub correlation_id: Option<String>,
}

/// A request without a usable response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The host that the request was for.
    pub host: String,
    /// What happened.
    pub reason: Reason,
    /// The status of the response, if the status is what was wrong.
    pub status: Option<u16>,
    /// How long to wait before a retry, in seconds, if the server said it.
    pub retry_after: Option<u32>,
    /// The header `ININ-Correlation-Id`, if there was a response that had one.
    pub correlation_id: Option<String>,
}

impl Failure {
    /// A failure without a response.
    pub fn without_answer(host: &str, reason: Reason) -> Self {
        Self {
            host: host.into(),
            reason,
            status: None,
            retry_after: None,
            correlation_id: None,
        }
    }
}

/// Declares [`Reason`] together with the keys of its texts, so that no reason lacks a text.
macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $text:ident,)+) => {
        /// What is wrong with a field, or what happened to a request. The set is fixed, so that each reason has a text
        /// in every language.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Reason {
            $($(#[$doc])* $name,)+
        }

        impl Reason {
            /// All reasons.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The key of its text in `locales/`.
            pub fn text(self) -> Text {
                match self {
                    $(Self::$name => Text::$text,)+
                }
            }
        }
    };
}

reasons! {
    /// Nothing but white space.
    Empty = ReasonEmpty,
    /// Longer than anything sensible.
    TooLong = ReasonTooLong,
    /// Contains a control character, or one that is invisible.
    ControlCharacters = ReasonControlCharacters,
    /// An address with another scheme.
    NotHttps = ReasonNotHttps,
    /// An address with user information.
    UserInfo = ReasonUserInfo,
    /// An address with a port.
    Port = ReasonPort,
    /// An IP address.
    IpAddress = ReasonIpAddress,
    /// A host name with characters outside ASCII.
    NotAscii = ReasonNotAscii,
    /// A host outside Genesys' domains.
    NotGenesys = ReasonNotGenesys,
    /// A name like that of a region, which no region has.
    UnknownRegion = ReasonUnknownRegion,
    /// A session whose address is not one of Genesys Cloud.
    NotAGenesysSession = ReasonNotAGenesysSession,
    /// A connection whose token is not of the type Bearer.
    NotBearer = ReasonNotBearer,
    /// A text that cannot be an access token.
    MalformedToken = ReasonMalformedToken,
    /// A choice that is not one of the options.
    NotAnOption = ReasonNotAnOption,
    /// A value of another kind than the field takes. Only a bug of the engine leads here.
    WrongKind = ReasonWrongKind,

    /// The name server does not know the host, or does not answer.
    NameNotResolved = ReasonNameNotResolved,
    /// Nothing listens on the port.
    ConnectionRefused = ReasonConnectionRefused,
    /// The connection failed for another reason.
    ConnectionFailed = ReasonConnectionFailed,
    /// The connection closed before the response was complete.
    ConnectionLost = ReasonConnectionLost,
    /// The connection took too long.
    ConnectTimeout = ReasonConnectTimeout,
    /// The response took too long, or paused for too long.
    AnswerTimeout = ReasonAnswerTimeout,
    /// TLS failed, but not because of the certificate.
    TlsFailed = ReasonTlsFailed,
    /// The runtime has no free connection.
    Busy = ReasonBusy,
    /// Status 5xx or 408, or a code that says the same.
    ServerError = ReasonServerError,
    /// The runtime does not trust the certificate.
    CertificateInvalid = ReasonCertificateInvalid,
    /// The runtime does not allow this request.
    HostNotAllowed = ReasonHostNotAllowed,
    /// The runtime does not allow this IP address.
    AddressNotAllowed = ReasonAddressNotAllowed,
    /// The response violates HTTP, or broke off before its head was complete.
    NotHttp = ReasonNotHttp,
    /// Status 301, 302, 303, 307 or 308.
    Redirected = ReasonRedirected,
    /// A status that is neither a success nor a refusal.
    UnexpectedStatus = ReasonUnexpectedStatus,
    /// The response is larger than the action reads.
    TooLarge = ReasonTooLarge,
    /// The body is not JSON.
    NotJson = ReasonNotJson,
    /// The body is JSON, but not an object.
    MalformedAnswer = ReasonMalformedAnswer,
    /// The body has no `access_token`.
    NoAccessToken = ReasonNoAccessToken,
    /// The `access_token` is too long, or has characters that are not allowed in a header.
    UnusableToken = ReasonUnusableToken,
    /// The `token_type` is missing or not Bearer.
    UnusableTokenType = ReasonUnusableTokenType,

    // What the runtime does wrong. Its own messages are not handed on, as they may quote the request.
    /// The runtime does not accept the request, its body or one of its headers.
    RuntimeRequest = ReasonRuntimeRequest,
    /// The runtime gives no answer, or one without a body.
    RuntimeAnswer = ReasonRuntimeAnswer,
    /// The runtime reports an error that is not about the server.
    RuntimeError = ReasonRuntimeError,
    /// There is no action of this name. Only a bug of the engine leads here.
    UnknownAction = ReasonUnknownAction,
}

impl Reason {
    /// Its stable name: the `code` of the contract.
    pub fn code(self) -> &'static str {
        let key = self.text().key();
        key.strip_prefix("reason.").unwrap_or(key)
    }

    /// The reason with this code.
    pub fn with_code(code: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|reason| reason.code() == code)
    }

    /// The reason in English: the `reason` of the contract.
    pub fn in_english(self) -> &'static str {
        ENGLISH.text(self.text())
    }

    /// The reason in the language of a BCP 47 tag, English or German.
    pub fn localized(self, tag: &str) -> &'static str {
        Locale::matching(tag).text(self.text())
    }
}
