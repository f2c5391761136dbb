//! Facts about details, and about several answers.

use std::collections::BTreeSet;

use secrecy::ExposeSecret as _;

use super::Checked;
use crate::answer::Answer;
use crate::probes::Probe;
use crate::session::Transcript;
use crate::settings::Settings;

/// A fact with a check of its own.
pub(super) struct Fact {
    pub(super) name: &'static str,
    pub(super) sentence: &'static str,
    pub(super) expected: &'static str,
    /// Whether it held, and what was seen; `None` if there is no answer to tell.
    pub(super) check: fn(&Settings, &Transcript) -> Option<Checked>,
}

pub(super) const FACTS: [Fact; 14] = [
    Fact {
        name: "client-form",
        sentence: "ID and secret need no encoding in the Basic header; the length of the secret is [unsure].",
        expected: "a UUID, and 43 characters of URL-safe base64",
        check: |settings, transcript| {
            // Without a token, the client itself may be wrong.
            transcript.answers.get(&Probe::Token)?;
            Some(client_form(settings))
        },
    },
    Fact {
        name: "token-answer",
        sentence: "The client-credentials grant answers with an access token and no refresh token.",
        expected: "200, members access_token, expires_in, token_type",
        check: |_, transcript| {
            let answer = transcript.answers.get(&Probe::Token)?;
            let held = answer.has(&["access_token", "expires_in", "token_type"])
                && !answer.has(&["refresh_token"])
                && is_json(answer);
            Some((held, answer.summary()))
        },
    },
    Fact {
        name: "token-type",
        sentence: "The type of a token is in lower case.",
        expected: "`bearer`",
        check: |_, transcript| {
            let answer = transcript.answers.get(&Probe::Token)?;
            let seen = answer.text("token_type").unwrap_or_default();
            Some((seen == "bearer", format!("`{seen}`")))
        },
    },
    Fact {
        name: "token-lifetime",
        sentence: "The lifetime of a token is a number of seconds, as set for the client.",
        expected: "300 to 172800",
        check: |_, transcript| {
            let answer = transcript.answers.get(&Probe::Token)?;
            let seen = answer.members.as_ref()?.get("expires_in")?;
            let seconds = seen.as_u64().unwrap_or_default();
            Some(((300..=172_800).contains(&seconds), seen.to_string()))
        },
    },
    Fact {
        name: "token-form",
        sentence: "A token is opaque, of a fixed length [unsure].",
        expected: "86 characters of URL-safe base64",
        check: |_, transcript| {
            let form = form(transcript.tokens.first()?.value.expose_secret());
            Some((form == "86 characters of URL-safe base64", form))
        },
    },
    Fact {
        name: "other-grant-type",
        sentence: "A code that does not exist is refused as in RFC 6749, section 5.2 [unsure].",
        expected: "400, `error` `unauthorized_client`, or `invalid_grant` if the client also has the grant Code Authorization",
        check: |_, transcript| {
            let answer = transcript.answers.get(&Probe::OtherGrantType)?;
            let error = answer.text("error").unwrap_or_default();
            let is_expected = ["unauthorized_client", "invalid_grant"].contains(&error);
            let held = answer.status == 400 && is_expected;
            Some((held, answer.summary()))
        },
    },
    Fact {
        name: "oauth-error-members",
        sentence: "Refusals of token requests are JSON with `error` and a description under one of two names or both.",
        expected: "`application/json`; members of error, description, error_description",
        check: |_, transcript| {
            let form = |answer: &Answer| {
                let names = answer.names().join(", ");
                let has = |name| answer.text(name).is_some_and(|it| !it.is_empty());
                let is_described = has("description") || has("error_description");
                let held = is_json(answer) && has("error") && is_described;
                (held, format!("{}: {names}", answer.media_type))
            };
            let is_refusal =
                |probe: Probe, _: &Answer| probe > Probe::Token && probe < Probe::CheckToken;
            of_all(transcript, is_refusal, form)
        },
    },
    Fact {
        name: "token-description",
        sentence: "GET /api/v2/tokens/me describes the token of a client, without a cloned user [unsure].",
        expected: "200, members OAuthClient, authorizedScope, homeOrganization, organization",
        check: |_, transcript| {
            let answer = transcript.answers.get(&Probe::DescribeToken)?;
            let held = answer.status == 200
                && answer.has(&["OAuthClient", "authorizedScope"])
                && answer.has(&["homeOrganization", "organization"])
                && !answer.has(&["clonedUser"]);
            Some((held, answer.summary()))
        },
    },
    Fact {
        name: "no-scopes",
        sentence: "The token of a client has roles and no scopes.",
        expected: "`authorizedScope` is empty",
        check: |_, transcript| {
            let answer = transcript.answers.get(&Probe::DescribeToken)?;
            let scopes = answer.members.as_ref()?.get("authorizedScope")?;
            Some(match scopes.as_array() {
                Some(scopes) => (scopes.is_empty(), format!("{} scopes", scopes.len())),
                None => (false, "no array".into()),
            })
        },
    },
    Fact {
        name: "user-context",
        sentence: "GET /api/v2/users/me refuses the token of a client [dated]; its code is [unsure].",
        expected: "400, `code` `bad.request`, `message` that begins with `This request requires a user context.`",
        check: |_, transcript| {
            let answer = transcript.answers.get(&Probe::DescribeUser)?;
            let message = answer.text("message").unwrap_or_default();
            let held = answer.status == 400
                && answer.text("code") == Some("bad.request")
                && message.starts_with("This request requires a user context.");
            Some((held, answer.summary()))
        },
    },
    Fact {
        name: "users-api",
        sentence: "GET /api/v2/users answers a client that may read users with a page [unsure].",
        expected: "200, members entities, pageCount, pageNumber, pageSize, total",
        check: |_, transcript| {
            let answer = transcript.answers.get(&Probe::ListUsers)?;
            let names = ["entities", "pageCount", "pageNumber", "pageSize", "total"];
            let held = answer.status == 200 && answer.has(&names);
            (answer.status != 403).then(|| (held, answer.summary()))
        },
    },
    Fact {
        name: "missing-permission",
        sentence: "GET /api/v2/users refuses a client that may not read users.",
        expected: "403, `code` `missing.permissions`",
        check: |_, transcript| {
            let answer = transcript.answers.get(&Probe::ListUsers)?;
            let held = answer.text("code") == Some("missing.permissions");
            (answer.status == 403).then(|| (held, answer.summary()))
        },
    },
    Fact {
        name: "api-error-members",
        sentence: "Refusals of the API are JSON that repeats status and correlation ID [dated].",
        expected: "`application/json`; members code, contextId, details, errors, message, status",
        check: |_, transcript| {
            let form = |answer: &Answer| {
                let members = answer.members.as_ref();
                let status = members.and_then(|it| it.get("status")?.as_u64());
                let repeats = status == Some(answer.status.into())
                    && answer.text("contextId") == answer.correlation_id.as_deref();
                let has_all = answer.has(&["code", "contextId", "details"])
                    && answer.has(&["errors", "message", "status"]);
                let held = is_json(answer) && has_all && repeats;
                let names = answer.names().join(", ");
                let not = if repeats { "repeated" } else { "not repeated" };
                (held, format!("{}: {names}; {not}", answer.media_type))
            };
            // Answers to HEAD have no body.
            let is_refusal = |probe: Probe, answer: &Answer| {
                probe > Probe::CheckToken && probe < Probe::CheckRevoked && answer.status >= 400
            };
            of_all(transcript, is_refusal, form)
        },
    },
    Fact {
        name: "correlation-id",
        sentence: "Every answer has the header `ININ-Correlation-Id`.",
        expected: "present",
        check: |_, transcript| {
            let form = |answer: &Answer| match answer.correlation_id {
                Some(_) => (true, "present".into()),
                None => (false, "absent".into()),
            };
            of_all(transcript, |_, _| true, form)
        },
    },
];

/// What was seen of all answers that `includes` names; `None` if there are none.
fn of_all(
    transcript: &Transcript,
    includes: impl Fn(Probe, &Answer) -> bool,
    check: impl Fn(&Answer) -> Checked,
) -> Option<Checked> {
    let answers = transcript.answers.iter();
    let included = answers.filter(|(probe, answer)| includes(**probe, answer));
    let checked: BTreeSet<_> = included.map(|(_, answer)| check(answer)).collect();
    let held = checked.iter().all(|(held, _)| *held);
    let seen: Vec<_> = checked.iter().map(|(_, seen)| seen.as_str()).collect();
    (!seen.is_empty()).then(|| (held, seen.join(" / ")))
}

fn is_json(answer: &Answer) -> bool {
    answer.media_type == "application/json" && answer.members.is_some()
}

fn client_form(settings: &Settings) -> Checked {
    let (id, secret) = (
        settings.client_id.expose_secret(),
        settings.client_secret.expose_secret(),
    );
    let lengths: Vec<_> = id.split('-').map(str::len).collect();
    let is_hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_uuid = lengths == [8, 4, 4, 4, 12] && id.split('-').all(is_hex);
    // The length of an unexpected secret would tell something about it.
    let has_form = form(secret) == "43 characters of URL-safe base64";
    let seen = match (is_uuid, has_form) {
        (true, true) => "a UUID, and 43 characters of URL-safe base64",
        (true, false) => "a UUID, and a secret of another form",
        (false, true) => "an ID of another form, and 43 characters of URL-safe base64",
        (false, false) => "an ID and a secret of other forms",
    };
    (is_uuid && has_form, seen.into())
}

fn form(secret: &str) -> String {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let alphabet = if secret.bytes().all(is_base64) {
        "URL-safe base64"
    } else {
        "other alphabets"
    };
    format!("{} characters of {alphabet}", secret.len())
}
