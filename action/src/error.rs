//! What can go wrong, as the contract's `error` has it. The words for it are in `locales/`.

use alloc::string::String;

use crate::texts::{ENGLISH, Text};

/// Why the action failed, with a case for each thing that a caller can do about it. See `error` in
/// the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// A field is empty or malformed; nothing was sent.
    InvalidInput {
        /// The field's name in the form.
        field: &'static str,
        /// What is wrong with it.
        reason: Reason,
    },
    /// Genesys Cloud refused the client, its secret or its token.
    Rejected(Rejection),
    /// Too many tokens were asked for.
    Throttled {
        /// The host that said so.
        host: String,
        /// Seconds to wait, where the server said so.
        retry_after: Option<u32>,
        /// `ININ-Correlation-Id`, where there was one.
        correlation_id: Option<String>,
    },
    /// No usable answer; trying again may help.
    Unavailable(Failure),
    /// The server's certificate is not trusted.
    UntrustedServer(Failure),
    /// The host does not let this action connect there.
    NotPermitted(Failure),
    /// An answer that is no token.
    UnexpectedResponse(Failure),
    /// Whatever does not fit above.
    Other(String),
}

/// A refusal by Genesys Cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The host that refused.
    pub host: String,
    /// The code of the answer (RFC 6749, section 5.2; RFC 6750, section 3.1; or Genesys' own).
    pub code: String,
    /// The server's words, made harmless.
    pub description: Option<String>,
    /// `ININ-Correlation-Id`, where there was one.
    pub correlation_id: Option<String>,
}

/// An exchange that came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The host that was asked.
    pub host: String,
    /// What happened.
    pub reason: Reason,
    /// The status of the answer, where there was one and it tells something.
    pub status: Option<u16>,
    /// `ININ-Correlation-Id`, where there was an answer that carried one.
    pub correlation_id: Option<String>,
}

impl Failure {
    /// A failure before there was any answer.
    pub fn without_answer(host: &str, reason: Reason) -> Self {
        Self {
            host: host.into(),
            reason,
            status: None,
            correlation_id: None,
        }
    }
}

/// Declares [`Reason`] with its texts, so that a reason cannot be without one.
macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $text:ident,)+) => {
        /// What is wrong with a field or happened to an exchange: a fixed set, so that there is a
        /// text for each in every language.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Reason {
            $($(#[$doc])* $name,)+
        }

        impl Reason {
            /// Every reason there is.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Its text in `locales/`.
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
    /// Contains control characters.
    ControlCharacters = ReasonControlCharacters,
    /// An address with another scheme.
    NotHttps = ReasonNotHttps,
    /// An address with user information.
    UserInfo = ReasonUserInfo,
    /// An address with a port.
    Port = ReasonPort,
    /// An IP address.
    IpAddress = ReasonIpAddress,
    /// A host name with other letters than Genesys' have.
    NotAscii = ReasonNotAscii,
    /// A host that is not of Genesys.
    NotGenesys = ReasonNotGenesys,
    /// A connection's token of another type than Bearer.
    NotBearer = ReasonNotBearer,
    /// A connection's token that cannot be one.
    MalformedToken = ReasonMalformedToken,

    /// The name server does not know the host, or gives no answer.
    NameNotResolved = ReasonNameNotResolved,
    /// Nobody listens there.
    ConnectionRefused = ReasonConnectionRefused,
    /// Any other reason why there is no connection.
    ConnectionFailed = ReasonConnectionFailed,
    /// The connection ended before the answer did.
    ConnectionLost = ReasonConnectionLost,
    /// No connection in time.
    ConnectTimeout = ReasonConnectTimeout,
    /// No answer in time, or one that paused for too long.
    AnswerTimeout = ReasonAnswerTimeout,
    /// TLS failed, though not for the certificate.
    TlsFailed = ReasonTlsFailed,
    /// The host has no connection left to give.
    Busy = ReasonBusy,
    /// Status 5xx, or 408.
    ServerError = ReasonServerError,
    /// The certificate is outside its time of validity.
    CertificateExpired = ReasonCertificateExpired,
    /// The certificate is for another name.
    CertificateName = ReasonCertificateName,
    /// The certificate's issuer is unknown.
    CertificateIssuer = ReasonCertificateIssuer,
    /// Anything else about the certificate.
    CertificateInvalid = ReasonCertificateInvalid,
    /// The host of this component forbids the name.
    HostNotAllowed = ReasonHostNotAllowed,
    /// The host of this component forbids the address.
    AddressNotAllowed = ReasonAddressNotAllowed,
    /// The answer breaks the rules of HTTP.
    NotHttp = ReasonNotHttp,
    /// Status 301, 302, 303, 307 or 308.
    Redirected = ReasonRedirected,
    /// A status that is neither success nor a refusal.
    UnexpectedStatus = ReasonUnexpectedStatus,
    /// More than is read of an answer.
    TooLarge = ReasonTooLarge,
    /// The body is not JSON.
    NotJson = ReasonNotJson,
    /// The body is JSON of another form.
    MalformedAnswer = ReasonMalformedAnswer,
    /// The body has no `access_token`.
    NoAccessToken = ReasonNoAccessToken,
    /// The `access_token` is too long or has characters that must not go into a header.
    UnusableToken = ReasonUnusableToken,
    /// The `token_type` is missing or not Bearer.
    UnusableTokenType = ReasonUnusableTokenType,
}

impl Reason {
    /// The reason in English, as the contract's `reason` has it.
    pub fn in_english(self) -> &'static str {
        ENGLISH.text(self.text())
    }
}
