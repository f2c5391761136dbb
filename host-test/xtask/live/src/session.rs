//! Sends the requests, and revokes every token that an answer had.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use egress::Timeouts;
use http::Method;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http_body_util::{BodyExt as _, Full};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::timeout;

use super::answer::Answer;
use super::probes::{Authorization, Probe, REQUESTS, Request, TOKENS_ME, api};
use super::settings::Settings;

/// After this time, no request is sent but those that revoke tokens.
const TOTAL: Duration = Duration::from_mins(2);

/// For one request, to the end of its answer. Genesys itself gives up after 15 s.
const PER_REQUEST: Duration = Duration::from_secs(30);

/// What was sent and answered.
#[derive(Debug, Default)]
pub(crate) struct Transcript {
    pub(crate) answers: BTreeMap<Probe, Answer>,
    pub(crate) tokens: Vec<Token>,
    /// Why not all requests were sent.
    pub(crate) stop: Option<Stop>,
    /// Requests, including those without an answer.
    pub(crate) requests: u64,
    pub(crate) duration: Duration,
    /// A token request was sent and its answer not read.
    has_lost_answer: bool,
}

impl Transcript {
    /// Whether a token is, or may be, valid after the run.
    pub(crate) fn has_unrevoked_token(&self) -> bool {
        self.has_lost_answer || !self.tokens.iter().all(|token| token.is_revoked)
    }
}

/// A token that was issued.
#[derive(Debug)]
pub(crate) struct Token {
    pub(crate) value: SecretString,
    /// Whether it was revoked, and no later request with it succeeded.
    pub(crate) is_revoked: bool,
}

/// Why a run stopped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    #[error("it was interrupted")]
    Interrupted,
    #[error("it took more than {} s", TOTAL.as_secs())]
    OutOfTime,
    #[error("an answer took more than {} s", PER_REQUEST.as_secs())]
    TimedOut,
    #[error("{0}")]
    Network(#[from] egress::Error),
    #[error("the request cannot be made: {0}")]
    Request(#[from] http::Error),
    #[error("the server said to come back later ({})", .0.summary())]
    Later(Answer),
    #[error("the client got no token; check region, client ID and secret ({})", .0.summary())]
    NoToken(Answer),
}

/// Sends all requests until one fails, and revokes all tokens in any case.
pub(crate) async fn run(settings: &Settings, interrupted: &AtomicBool) -> Transcript {
    let mut session = Session {
        settings,
        transcript: Transcript::default(),
    };
    let start = Instant::now();
    for (probe, request) in &REQUESTS {
        let next = if interrupted.load(Ordering::Relaxed) {
            Err(Stop::Interrupted)
        } else if start.elapsed() > TOTAL {
            Err(Stop::OutOfTime)
        } else {
            session.probe(*probe, request).await
        };
        if let Err(stop) = next {
            session.transcript.stop = Some(stop);
            break;
        }
    }
    session.revoke_all().await;
    let mut transcript = session.transcript;
    transcript.requests = settings.http.statistics().requests_sent;
    transcript.duration = start.elapsed();
    transcript
}

/// The header `Authorization` for an id and a secret, as the official SDKs send it.
pub(crate) fn basic(id: &str, secret: &str) -> SecretString {
    let pair = SecretString::from(format!("{id}:{secret}"));
    format!("Basic {}", STANDARD.encode(pair.expose_secret())).into()
}

struct Session<'a> {
    settings: &'a Settings,
    transcript: Transcript,
}

impl Session<'_> {
    async fn probe(&mut self, probe: Probe, request: &Request) -> Result<(), Stop> {
        let Settings {
            client_id,
            client_secret,
            ..
        } = self.settings;
        let (id, secret) = (client_id.expose_secret(), client_secret.expose_secret());
        let authorization = match request.authorization {
            Authorization::Nothing => None,
            Authorization::Client => Some(basic(id, secret)),
            Authorization::UnknownClient => {
                Some(basic("00000000-0000-4000-8000-000000000000", "wrong"))
            }
            Authorization::WrongSecret => Some(basic(id, "wrong")),
            Authorization::Bearer => match self.transcript.tokens.first() {
                Some(token) => Some(bearer(&token.value)),
                None => return Ok(()),
            },
        };
        let name = format!("{probe:?}");
        let answer = self.exchange(&name, request, authorization).await?;
        if request.authorization == Authorization::Bearer
            && let Some(token) = self.transcript.tokens.first_mut()
        {
            token.learn(&request.method, answer.status);
        }
        if answer.may_pass() {
            return Err(Stop::Later(answer));
        }
        if probe == Probe::Token && answer.status != 200 {
            return Err(Stop::NoToken(answer));
        }
        self.transcript.answers.insert(probe, answer);
        Ok(())
    }

    /// Revokes what is not known to be revoked, and checks whether it is.
    async fn revoke_all(&mut self) {
        for index in 0..self.transcript.tokens.len() {
            // Twice, in case that the first attempt fails.
            for method in [Method::DELETE, Method::HEAD, Method::DELETE, Method::HEAD] {
                let Some(token) = self.transcript.tokens.get(index) else {
                    return;
                };
                if token.is_revoked && method == Method::DELETE {
                    break;
                }
                let authorization = bearer(&token.value);
                let request = api(method, TOKENS_ME, Authorization::Bearer);
                let answer = self.exchange("Revoke", &request, Some(authorization)).await;
                if let (Ok(answer), Some(token)) = (answer, self.transcript.tokens.get_mut(index)) {
                    token.learn(&request.method, answer.status);
                }
            }
        }
    }

    /// Sends a request and reads its answer to the end.
    async fn exchange(
        &mut self,
        name: &str,
        request: &Request,
        authorization: Option<SecretString>,
    ) -> Result<Answer, Stop> {
        let Settings {
            environment, http, ..
        } = self.settings;
        let host = match request.form {
            Some(_) => environment.login_host(),
            None => environment.api_host(),
        };
        let Request { method, path, .. } = request;
        let url = format!("https://{host}{path}");
        let mut builder = http::Request::builder().method(method).uri(&url);
        if let Some(authorization) = authorization {
            builder = builder.header(AUTHORIZATION, authorization.expose_secret());
        }
        if request.form.is_some() {
            builder = builder.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let body = Full::new(Bytes::from_static(
            request.form.unwrap_or_default().as_bytes(),
        ));
        let message = builder.body(body)?;
        let before = http.statistics().requests_sent;
        progress(&format!("[{}] {name}: {method} {url} … ", before + 1));
        let start = Instant::now();
        let exchanged = timeout(PER_REQUEST, async {
            let (head, body) = http.send(message, Timeouts::default()).await?.into_parts();
            let body = body.collect().await?.to_bytes();
            Ok(Answer::read(head.status.as_u16(), &head.headers, &body))
        });
        let exchanged = exchanged.await.unwrap_or(Err(Stop::TimedOut));
        let seconds = start.elapsed().as_secs_f32();
        match exchanged {
            Ok((answer, token)) => {
                progress(&format!("{}, {seconds:.1} s\n", answer.status));
                self.transcript.tokens.extend(token.map(|value| Token {
                    value,
                    is_revoked: false,
                }));
                Ok(answer)
            }
            Err(stop) => {
                progress(&format!("{stop}, {seconds:.1} s\n"));
                self.transcript.has_lost_answer |= request.authorization == Authorization::Client
                    && http.statistics().requests_sent > before;
                Err(stop)
            }
        }
    }
}

/// Prints to standard error. If nobody reads it, the run goes on: tokens have to be revoked.
pub(crate) fn progress(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

fn bearer(token: &SecretString) -> SecretString {
    format!("Bearer {}", token.expose_secret()).into()
}

impl Token {
    /// Notes what an answer to a request with this token says about it.
    fn learn(&mut self, method: &Method, status: u16) {
        let is_success = (200..300).contains(&status);
        if method == Method::DELETE && (is_success || status == 401) {
            self.is_revoked = true;
        } else if is_success {
            self.is_revoked = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::{Answer, Probe, Settings, Stop, Token, Transcript};

    #[test]
    fn debug_shows_neither_client_nor_token() {
        let settings = Settings::read(&[], |name| match name {
            "GENESYSCLOUD_REGION" => Some("eu-central-1".into()),
            _ => Some("canary".into()),
        });
        let body = br#"{"access_token":"canary","refresh_token":"canary","id":"canary"}"#;
        let (answer, token) = Answer::read(200, &HeaderMap::new(), body);
        let mut transcript = Transcript::default();
        transcript.answers.insert(Probe::Token, answer);
        let (refusal, _) = Answer::read(401, &HeaderMap::new(), br#"{"error":"canary"}"#);
        transcript.stop = Some(Stop::NoToken(refusal));
        transcript.tokens.push(Token {
            value: token.unwrap(),
            is_revoked: false,
        });
        let shown = format!("{:?} {transcript:?}", settings.unwrap());
        assert!(
            shown.contains("Token") && !shown.contains("canary"),
            "{shown}"
        );
    }
}
