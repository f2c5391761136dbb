//! Runs the actions: makes the request of an action from its fields, and reads the response, as pure functions. Only
//! [`run`] uses the network.

use oauth_authentication::exchange::{Body, MAX_RESPONSE, Method, Request, Response};
use oauth_authentication::members::Members;
use oauth_authentication::run::Arguments;
use oauth_authentication::run::wit::{Argument, Failure, Output, SessionChange, Success};
use oauth_authentication::{token, transport};
use serde_json::value::RawValue;

use crate::failure::{is_not_found, refused, unanswered, unreadable, with_message};
use crate::fields;
use crate::form::{
    DEPARTMENT, EMAIL, NAME, PAGE_NUMBER, PAGE_SIZE, SESSION_NAME, STATE, STATES, TITLE, USER_ID,
};
use crate::operation::{Operation, PATH};

/// The largest list that is read, in bytes: 100 users of 10 KiB each. Hosts read no more than 1 MiB.
const MAX_LIST: usize = 1000 * 1024;

/// The members of a user that become outputs.
const MEMBERS: [&str; 4] = ["id", "name", "email", "state"];

/// Runs the action of this name.
///
/// # Errors
///
/// If a field cannot be used, or Genesys Cloud does not answer with a success.
pub fn run(action: &str, arguments: Vec<Argument>) -> Result<Success, Failure> {
    let attempt = || {
        let operation = Operation::named(action)?;
        let request = request(operation, arguments)?;
        let response = transport::send(&request).map_err(|error| unanswered(operation, error))?;
        let outputs = read(operation, &request.host, &response)?;
        let session = SessionChange::Unchanged;
        Ok(Success { outputs, session })
    };
    attempt().map_err(|failure| with_message(action, failure))
}

/// Checks the fields that have a value, without a request.
pub fn check(action: &str, arguments: &[Argument]) -> Vec<Failure> {
    if let Err(unknown) = Operation::named(action) {
        return vec![with_message(action, unknown)];
    }
    let checked = arguments.iter().map(fields::check);
    let failures = checked.filter_map(Result::err);
    failures.map(|it| with_message(action, it)).collect()
}

/// The request of an action. Its host is always one of Genesys.
///
/// # Errors
///
/// If a field cannot be used.
pub fn request(operation: Operation, arguments: Vec<Argument>) -> Result<Request, Failure> {
    let text = |field: &str| fields::text(&arguments, field);
    let required = |field: &str| fields::required(&arguments, field);
    let mut body = None;
    let (method, path) = match operation {
        Operation::List => {
            let state = text(STATE)?.unwrap_or_else(|| STATES[0].0.into());
            let size = text(PAGE_SIZE)?.unwrap_or_else(|| "25".into());
            let number = text(PAGE_NUMBER)?.unwrap_or_else(|| "1".into());
            // All three are checked: they need no encoding.
            let query = format!("pageSize={size}&pageNumber={number}&state={state}");
            (Method::Get, format!("{PATH}?{query}"))
        }
        Operation::Get => (Method::Get, format!("{PATH}/{}", required(USER_ID)?)),
        Operation::Delete => (Method::Delete, format!("{PATH}/{}", required(USER_ID)?)),
        Operation::Create => {
            // The members have the names of the fields.
            let mut user = vec![(NAME, required(NAME)?), (EMAIL, required(EMAIL)?)];
            for field in [DEPARTMENT, TITLE] {
                user.extend(text(field)?.map(|value| (field, value)));
            }
            body = Some(Body {
                content_type: "application/json",
                content: object(user).into(),
            });
            (Method::Post, PATH.to_owned())
        }
    };
    let session = Arguments::new(arguments).session(SESSION_NAME)?;
    let access = fields::access(&session)?;
    Ok(Request {
        method,
        host: access.host,
        path: path.into(),
        authorization: token::bearer(&access.token),
        body,
        max_response: match operation {
            Operation::List => MAX_LIST,
            _ => MAX_RESPONSE,
        },
    })
}

/// The outputs from the response to [`request`]. To delete a user that does not exist is a success (as in RFC 7009, section
/// 2.2, for tokens), so that the action can be repeated.
///
/// # Errors
///
/// For every other response that is not a success, or has no users.
pub fn read(operation: Operation, host: &str, response: &Response) -> Result<Vec<Output>, Failure> {
    match (operation, response.status) {
        (Operation::Delete, 200 | 202 | 204) => return Ok(Vec::new()),
        (_, 200) | (Operation::Create, 201) => {}
        _ => {
            let failure = refused(operation, host, response);
            let is_done = operation == Operation::Delete && is_not_found(&failure);
            return if is_done {
                Ok(Vec::new())
            } else {
                Err(failure)
            };
        }
    }
    let unreadable = |reason| unreadable(operation, host, response, reason);
    let body = response.body.as_deref();
    let body =
        body.ok_or_else(|| unreadable(Some(oauth_authentication::error::Reason::TooLarge)))?;
    let members = Members::parse(body).map_err(|reason| unreadable(Some(reason)))?;
    let outputs = match operation {
        Operation::List => list(&members),
        _ => user(&members, body),
    };
    outputs.ok_or_else(|| unreadable(None))
}

/// The outputs of a list, if it is one.
fn list(page: &Members) -> Option<Vec<Output>> {
    let total = page.number("total")?.to_string();
    let entities: Vec<&RawValue> = serde_json::from_str(page.get("entities")?).ok()?;
    let users = entities.into_iter().map(|entity| {
        let members = Members::parse(entity.get().as_bytes()).ok()?;
        members.text("id")?;
        Some(object(known(&members)))
    });
    let users: Vec<String> = users.collect::<Option<_>>()?;
    let users = format!("[{}]", users.join(","));
    Some(vec![output("users", users), output("total", total)])
}

/// The outputs of one user, if it is one.
fn user(user: &Members, body: &[u8]) -> Option<Vec<Output>> {
    user.text("id")?;
    let whole = ("user", str::from_utf8(body).ok()?.trim().to_owned());
    let outputs = known(user).chain([whole]);
    Some(outputs.map(|(name, value)| output(name, value)).collect())
}

/// The members of a user that become outputs, as far as there are any.
fn known(user: &Members) -> impl Iterator<Item = (&'static str, String)> {
    MEMBERS
        .into_iter()
        .filter_map(|name| Some((name, user.text(name)?)))
}

/// A JSON object of texts. The names need no escapes.
fn object(members: impl IntoIterator<Item = (&'static str, String)>) -> String {
    let members = members.into_iter().map(|(name, value)| {
        let value = serde_json::to_string(&value).unwrap_or_default();
        format!("\"{name}\":{value}")
    });
    let members: Vec<_> = members.collect();
    format!("{{{}}}", members.join(","))
}

fn output(name: &str, value: String) -> Output {
    let name = name.into();
    Output { name, value }
}

#[cfg(test)]
mod tests {
    use oauth_authentication::error::{Error, Failure as Unanswered, Reason};
    use oauth_authentication::run::wit::{Retry, Session, Value};
    use secrecy::ExposeSecret;

    use super::*;
    use crate::failure::explain;

    const HOST: &str = "api.mypurecloud.de";
    const TOKEN: &str = "t0ken-canary";
    const ID: &str = "0b6ae1f4-2c1d-4f3e-9a57-1d2c3b4a5f60";

    fn arguments(texts: &[(&str, &str)]) -> Vec<Argument> {
        let session = Session {
            token: TOKEN.into(),
            token_type: "Bearer".into(),
            base_url: format!("https://{HOST}"),
            expires_in: None,
        };
        let argument = |name: &str, value| Argument {
            name: name.into(),
            value,
        };
        let texts = texts.iter();
        let texts = texts.map(|(name, text)| argument(name, Value::Text((*text).into())));
        let session = argument(SESSION_NAME, Value::Session(session));
        texts.chain([session]).collect()
    }

    fn request_for(operation: Operation, texts: &[(&str, &str)]) -> Request {
        let request = request(operation, arguments(texts));
        request.unwrap_or_else(|failure| panic!("{:?}", failure.details))
    }

    fn json(status: u16, body: &str) -> Response {
        Response {
            status,
            content_type: Some("application/json".into()),
            correlation_id: Some("c-1".into()),
            body: Some(body.into()),
            ..Response::default()
        }
    }

    fn outputs(operation: Operation, response: &Response) -> Vec<(String, String)> {
        let outputs = read(operation, HOST, response);
        let outputs = outputs.unwrap_or_else(|failure| panic!("{:?}", failure.details));
        outputs.into_iter().map(|it| (it.name, it.value)).collect()
    }

    fn refusal(operation: Operation, response: &Response) -> Failure {
        let failure = read(operation, HOST, response).expect_err("a failure");
        with_message(operation.name(), failure)
    }

    fn get<'a>(failure: &'a Failure, name: &str) -> Option<&'a str> {
        let mut details = failure.details.iter();
        let found = details.find(|detail| detail.name == name)?;
        Some(&found.value)
    }

    #[test]
    fn each_action_makes_its_request() {
        for (operation, texts, method, path) in [
            (
                Operation::List,
                &[][..],
                Method::Get,
                "/api/v2/users?pageSize=25&pageNumber=1&state=active",
            ),
            (
                Operation::List,
                &[("page-size", "100"), ("page-number", "3"), ("state", "any")],
                Method::Get,
                "/api/v2/users?pageSize=100&pageNumber=3&state=any",
            ),
            (
                Operation::Get,
                &[("user-id", ID)],
                Method::Get,
                "/api/v2/users/0b6ae1f4-2c1d-4f3e-9a57-1d2c3b4a5f60",
            ),
            (
                Operation::Delete,
                &[("user-id", ID)],
                Method::Delete,
                "/api/v2/users/0b6ae1f4-2c1d-4f3e-9a57-1d2c3b4a5f60",
            ),
        ] {
            let request = request_for(operation, texts);
            assert_eq!((request.method, &*request.path), (method, path));
            assert_eq!(
                (request.host.as_str(), request.body.is_none()),
                (HOST, true)
            );
            let authorization = request.authorization.expose_secret();
            assert_eq!(authorization, "Bearer t0ken-canary");
            assert!(!format!("{request:?}").contains(TOKEN));
        }
    }

    #[test]
    fn a_new_user_is_sent_as_json() {
        let texts = [
            ("name", "J\"ane\\ <ü>"),
            ("email", "jane@example.com"),
            ("department", " "),
            ("title", "Agent"),
        ];
        let request = request_for(Operation::Create, &texts);
        assert_eq!((request.method, &*request.path), (Method::Post, PATH));
        let body = request.body.unwrap();
        assert_eq!(body.content_type, "application/json");
        assert_eq!(
            body.content,
            r#"{"name":"J\"ane\\ <ü>","email":"jane@example.com","title":"Agent"}"#
        );
    }

    #[test]
    fn a_list_has_the_members_that_are_known() {
        let body = r#"{"entities":[
            {"id":"1","name":"J \"ü\"","email":"j@x.de","state":"active","images":[{}],"version":3},
            {"id":"2","name":null}
        ],"total":42,"pageCount":2}"#;
        assert_eq!(
            outputs(Operation::List, &json(200, body)),
            [
                (
                    "users".to_owned(),
                    r#"[{"id":"1","name":"J \"ü\"","email":"j@x.de","state":"active"},{"id":"2"}]"#
                        .to_owned()
                ),
                ("total".into(), "42".into()),
            ]
        );
        let empty = json(200, r#"{"entities":[],"total":0}"#);
        assert_eq!(outputs(Operation::List, &empty)[0].1, "[]");
    }

    #[test]
    fn a_user_is_returned_in_parts_and_as_a_whole() {
        let body = r#" {"id":"1","name":"Jane","email":"j@x.de","department":"Sales"} "#;
        for (operation, status) in [
            (Operation::Get, 200),
            (Operation::Create, 200),
            (Operation::Create, 201),
        ] {
            let expected = [
                ("id", "1"),
                ("name", "Jane"),
                ("email", "j@x.de"),
                ("user", body.trim()),
            ];
            let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
            assert_eq!(outputs(operation, &json(status, body)), expected);
        }
    }

    #[test]
    fn a_response_without_users_is_unexpected() {
        for (operation, body, reason) in [
            (Operation::List, "{}", "no-user"),
            (Operation::List, r#"{"entities":{},"total":1}"#, "no-user"),
            (Operation::List, r#"{"entities":[{}],"total":1}"#, "no-user"),
            (Operation::List, r#"{"entities":[]}"#, "no-user"),
            (Operation::Get, r#"{"name":"x"}"#, "no-user"),
            (Operation::Get, "[]", "malformed-answer"),
            (Operation::Get, "<html>", "not-json"),
        ] {
            let failure = refusal(operation, &json(200, body));
            assert_eq!(failure.code, "unexpected-response");
            assert_eq!(get(&failure, "reason"), Some(reason), "{body}");
        }
        let too_large = Response {
            body: None,
            ..json(200, "")
        };
        let failure = refusal(Operation::List, &too_large);
        assert_eq!(get(&failure, "reason"), Some("too-large"));
    }

    #[test]
    fn deleting_a_user_that_is_gone_succeeds_if_genesys_says_so() {
        let gone = json(404, r#"{"code":"not.found","message":"No.","status":404}"#);
        for response in [&json(200, "{}"), &json(204, ""), &gone] {
            assert!(outputs(Operation::Delete, response).is_empty());
        }
        let failure = refusal(Operation::Get, &gone);
        assert_eq!(failure.code, "not-found");
        assert_eq!(get(&failure, "error"), Some("not.found"));
        assert!(failure.message.contains("eu-central-1 (mypurecloud.de)"));
        for operation in [Operation::Delete, Operation::Get] {
            let failure = refusal(operation, &json(404, "<html>"));
            assert_eq!(failure.code, "unexpected-response", "from a gateway");
        }
    }

    #[test]
    fn a_refusal_is_handed_on_as_genesys_explains_it() {
        let body = r#"{"code":"missing.permissions","message":"No\u001b[1m way\u202e"}"#;
        let failure = refusal(Operation::List, &json(403, body));
        assert_eq!(
            (failure.code.as_str(), get(&failure, "error")),
            ("rejected", Some("missing.permissions"))
        );
        assert_eq!(get(&failure, "description"), Some("No [1m way "));
        assert!(matches!(failure.retry, Retry::Never));

        let body = r#"{"code":"general.conflict","message":"Exists."}"#;
        for status in [400, 409] {
            let failure = refusal(Operation::Create, &json(status, body));
            assert_eq!(failure.code, "rejected");
            assert_eq!(get(&failure, "description"), Some("Exists."));
            assert!(failure.message.starts_with("There is already a user"));
        }
    }

    /// The failures of an operation: for responses of each kind, without a response, and of fields.
    fn failures(operation: Operation) -> Vec<Failure> {
        let mut failures = Vec::new();
        for status in [301, 400, 401, 403, 404, 408, 409, 413, 418, 429, 500, 503] {
            for body in ["", r#"{"code":"a.code","message":"m"}"#] {
                failures.extend(read(operation, HOST, &json(status, body)).err());
            }
        }
        for body in ["{}", "[]", "<html>"] {
            failures.extend(read(operation, HOST, &json(200, body)).err());
        }
        for &reason in Reason::ALL {
            let failure = || Unanswered::without_answer(HOST, reason);
            let errors = [
                Error::Unavailable(failure()),
                Error::UntrustedServer(failure()),
                Error::NotPermitted(failure()),
                Error::UnexpectedResponse(failure()),
                Error::Other(failure()),
            ];
            failures.extend(errors.map(|error| unanswered(operation, error)));
        }
        let hostile = [
            ("user-id", "a/../b"),
            ("email", "x"),
            ("name", "\u{1b}"),
            ("page-size", "0"),
            ("page-number", "x"),
            ("state", "x"),
        ];
        failures.extend(check(operation.name(), &arguments(&hostile)));
        let mut foreign = arguments(&[("user-id", ID), ("name", "x"), ("email", "x@y")]);
        for argument in &mut foreign {
            if let Value::Session(session) = &mut argument.value {
                session.base_url = "https://evil.example".into();
            }
        }
        failures.extend(request(operation, foreign).err());
        failures.extend(request(operation, Vec::new()).err());
        let described = failures.into_iter();
        described
            .map(|it| with_message(operation.name(), it))
            .collect()
    }

    #[test]
    fn every_error_has_a_message_in_both_languages() {
        for operation in Operation::ALL {
            for failure in failures(operation) {
                let english = explain(operation.name(), &failure, "en");
                let german = explain(operation.name(), &failure, "de-CH");
                assert_eq!(failure.message, english);
                assert_ne!(english, german);
                for text in [&english, &german] {
                    for sign_of_a_missing_text in ["error.", "reason.", "{", "}", "  ", " :"] {
                        assert!(!text.contains(sign_of_a_missing_text), "{text}");
                    }
                    assert!(text.ends_with('.') && text.len() > 20, "{text}");
                }
            }
        }
        let unknown = check("rename", &[]);
        assert_eq!(unknown[0].code, "other");
        assert!(unknown[0].message.contains("does not have the action"));
    }

    #[test]
    fn no_failure_contains_the_token() {
        for operation in Operation::ALL {
            for failure in failures(operation) {
                assert!(!format!("{failure:?}").contains(TOKEN));
            }
        }
        let mut malformed = arguments(&[("user-id", ID)]);
        if let Value::Session(session) = &mut malformed[1].value {
            session.token = format!("{TOKEN} ");
        }
        for failure in check("get", &malformed) {
            assert!(!format!("{failure:?}").contains(TOKEN));
        }
    }

    #[test]
    fn the_next_step_follows_from_the_response() {
        let failure = |operation, status, retry_after: Option<&str>| {
            let response = Response {
                retry_after: retry_after.map(Into::into),
                ..json(status, r#"{"code":"a.code"}"#)
            };
            refusal(operation, &response)
        };
        for operation in Operation::ALL {
            let retry = |status, after| failure(operation, status, after).retry;
            assert!(matches!(retry(401, None), Retry::NewToken));
            assert!(matches!(retry(403, None), Retry::Never));
            assert!(matches!(retry(429, Some("7")), Retry::After(7)));
            assert!(matches!(retry(429, None), Retry::After(60)));
            for status in [408, 500, 503, 504] {
                let failure = failure(operation, status, Some("7"));
                if operation == Operation::Create {
                    assert!(matches!(failure.retry, Retry::Never));
                    assert!(failure.message.contains("may have been created"));
                } else {
                    assert!(matches!(failure.retry, Retry::After(7)));
                    assert!(!failure.message.contains("created"));
                }
            }
        }
    }

    #[test]
    fn a_user_is_not_created_twice() {
        let retry = |reason| {
            let failure = Unanswered::without_answer(HOST, reason);
            unanswered(Operation::Create, Error::Unavailable(failure)).retry
        };
        for nothing_sent in [
            Reason::NameNotResolved,
            Reason::ConnectionRefused,
            Reason::ConnectionFailed,
            Reason::ConnectTimeout,
            Reason::Busy,
        ] {
            assert!(matches!(retry(nothing_sent), Retry::Backoff));
        }
        for unknown in [
            Reason::ConnectionLost,
            Reason::AnswerTimeout,
            Reason::TlsFailed,
            Reason::ServerError,
        ] {
            assert!(matches!(retry(unknown), Retry::Never));
        }
        let unreadable = refusal(Operation::Create, &json(200, "{"));
        assert_eq!(get(&unreadable, "outcome"), Some("unknown"));
    }

    #[test]
    fn a_field_that_is_missing_or_wrong_is_named() {
        for (operation, field) in [
            (Operation::List, "session-name"),
            (Operation::Get, "user-id"),
            (Operation::Create, "name"),
            (Operation::Delete, "user-id"),
        ] {
            let failure = request(operation, Vec::new()).err().unwrap();
            assert_eq!(failure.field.as_deref(), Some(field));
            assert_eq!(get(&failure, "reason"), Some("empty"));
        }
        let found = check("list", &arguments(&[("page-size", "101"), ("later", "x")]));
        assert_eq!(found.len(), 1);
        assert_eq!(
            found[0].message,
            "Users per page: enter a whole number from 1 to 100."
        );
        assert_eq!(
            explain("list", &found[0], "de"),
            "Benutzer pro Seite: geben Sie eine ganze Zahl von 1 bis 100 ein."
        );
    }
}
