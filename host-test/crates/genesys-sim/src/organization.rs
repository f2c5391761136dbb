//! The simulated customer of Genesys.

use serde_json::{Value, json};

use super::random;

/// An organization. The real one lives in one region; this one is met in all of them.
pub(super) struct Organization {
    id: String,
}

const NAME: &str = "Example Company";

impl Organization {
    pub(super) fn new() -> Organization {
        Organization { id: random::uuid() }
    }

    /// As other answers refer to it (`NamedEntity` in the API's schema).
    pub(super) fn reference(&self) -> Value {
        json!({ "id": self.id, "name": NAME })
    }

    /// The answer of `GET /api/v2/organizations/me` (`Organization` in the API's schema), without
    /// its many optional members.
    pub(super) fn description(&self) -> Value {
        json!({
            "id": self.id,
            "name": NAME,
            "defaultLanguage": "en-US",
            "defaultCountryCode": "US",
            "thirdPartyOrgName": "example-company",
            "domain": "example-company",
            "version": 1,
            "state": "active",
            "voicemailEnabled": false,
            "productPlatform": "PureCloud",
            "selfUri": format!("/api/v2/organizations/{}", self.id),
            "features": {},
        })
    }
}
