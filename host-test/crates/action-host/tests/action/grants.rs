//! Grants
