//! Why a client cannot be made.

/// Why [`Options`](crate::Options) are not valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// A CA certificate in [`Trust`](crate::Trust) is malformed.
    #[error("a CA certificate is malformed")]
    Certificate,
    /// [`Trust::Only`](crate::Trust::Only) has no certificate.
    #[error("no CA certificate is trusted")]
    NoCertificate,
    /// The TLS library supports no usable version of TLS.
    #[error("TLS cannot be set up")]
    Tls,
}
