//! Names of variants that are stored, and that programs read.

/// Gives each variant of an enum its stable name.
macro_rules! stable_names {
    ($type:ident, $unknown:ident: $($variant:ident = $name:expr,)*) => {
        impl $type {
            /// Its stable name.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }

        impl std::str::FromStr for $type {
            type Err = $unknown;

            fn from_str(name: &str) -> Result<Self, $unknown> {
                $(if name == $name {
                    return Ok(Self::$variant);
                })*
                Err($unknown)
            }
        }
    };
}

pub(crate) use stable_names;
