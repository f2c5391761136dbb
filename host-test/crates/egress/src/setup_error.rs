//! Why a client cannot be made.

/// Why [`Options`](crate::Options) are not valid.
///
/// ```
/// use egress::{AllowList, Client, Options, SetupError, Trust};
///
/// let options = Options { trust: Trust::Only(Vec::new()), ..Options::new(AllowList::genesys()) };
/// assert_eq!(Client::new(options).err(), Some(SetupError::NoCertificate));
/// ```
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
