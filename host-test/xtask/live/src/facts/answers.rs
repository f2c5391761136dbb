//! Facts about one answer.

use super::Checked;
use crate::probes::Probe;
use crate::session::Transcript;

/// A fact about one answer: its status, and some members of its body; without members, it has no body.
pub(super) struct Fact {
    pub(super) name: &'static str,
    pub(super) sentence: &'static str,
    probe: Probe,
    status: u16,
    members: &'static [(&'static str, &'static str)],
}

pub(super) const FACTS: [Fact; 11] = [
    Fact {
        name: "unknown-client",
        sentence: "A token request with an unknown client ID is refused with 400, unlike one with a wrong secret [dated].",
        probe: Probe::UnknownClient,
        status: 400,
        members: &[
            ("error", "invalid_client"),
            ("description", "client not found"),
        ],
    },
    Fact {
        name: "wrong-secret",
        sentence: "A token request with a wrong secret is refused with both kinds of description.",
        probe: Probe::WrongSecret,
        status: 401,
        members: &[
            ("error", "invalid_client"),
            ("description", "authentication failed"),
            ("error_description", "authentication failed"),
        ],
    },
    Fact {
        name: "missing-grant-type",
        sentence: "A token request without a grant type is refused as in RFC 6749, section 5.2 [unsure].",
        probe: Probe::NoGrantType,
        status: 400,
        members: &[("error", "invalid_request")],
    },
    Fact {
        name: "unsupported-grant-type",
        sentence: "A token request with an unknown grant type is refused as in RFC 6749, section 5.2 [unsure].",
        probe: Probe::UnknownGrantType,
        status: 400,
        members: &[("error", "unsupported_grant_type")],
    },
    Fact {
        name: "token-check",
        sentence: "HEAD /api/v2/tokens/me checks a token.",
        probe: Probe::CheckToken,
        status: 200,
        members: &[],
    },
    Fact {
        name: "missing-token",
        sentence: "The API refuses a request without a token [dated].",
        probe: Probe::NoToken,
        status: 401,
        members: &[
            ("code", "authentication.required"),
            (
                "message",
                "No authentication bearer token specified in authorization header.",
            ),
        ],
    },
    Fact {
        name: "unknown-path",
        sentence: "The API answers for a path that it does not have [dated].",
        probe: Probe::UnknownPath,
        status: 404,
        members: &[
            ("code", "not.found"),
            ("message", "The requested resource was not found."),
        ],
    },
    Fact {
        name: "unknown-method",
        sentence: "The API answers for a method that a path does not have [unsure].",
        probe: Probe::UnknownMethod,
        status: 405,
        members: &[("code", "method.not.allowed")],
    },
    Fact {
        name: "revocation",
        sentence: "DELETE /api/v2/tokens/me revokes a token, and answers with an empty body [unsure].",
        probe: Probe::Revoke,
        status: 200,
        members: &[],
    },
    Fact {
        name: "second-revocation",
        sentence: "A revoked token cannot be revoked again [dated].",
        probe: Probe::RevokeAgain,
        status: 401,
        members: &[
            ("code", "bad.credentials"),
            ("message", "Invalid login credentials."),
        ],
    },
    Fact {
        name: "revoked-token",
        sentence: "HEAD /api/v2/tokens/me refuses a revoked token.",
        probe: Probe::CheckRevoked,
        status: 401,
        members: &[],
    },
];

impl Fact {
    pub(super) fn expected(&self) -> String {
        let mut expected = self.status.to_string();
        if self.members.is_empty() {
            expected += ", no body";
        }
        for (name, value) in self.members {
            expected += &format!(", `{name}` `{value}`");
        }
        expected
    }

    /// `None` if there was no such answer.
    pub(super) fn check(&self, transcript: &Transcript) -> Option<Checked> {
        let answer = transcript.answers.get(&self.probe)?;
        let is_member = |(name, value): &(&str, &str)| answer.text(name) == Some(value);
        let held = answer.status == self.status
            && answer.has_body != self.members.is_empty()
            && self.members.iter().all(is_member);
        Some((held, answer.summary()))
    }
}
