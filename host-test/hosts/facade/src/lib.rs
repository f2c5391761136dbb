//! A façade: `POST /run/ACTION` with JSON runs an action of the component that it is composed with. For engines that cannot
//! load components; a server for `wasi:http` runs it. It is for loopback only: it authenticates nobody.

mod bindings {
    wit_bindgen::generate!({
        path: "../../../wit",
        inline: "
            package example:facade;
            world facade {
                import bot:action/run@0.2.0;
                export wasi:http/incoming-handler@0.2.2;
            }
        ",
        world: "example:facade/facade",
        generate_all,
    });

    export!(Facade);

    pub(crate) struct Facade;
}

use bindings::Facade;
use bindings::bot::action::run::{self, Argument, Retry, SessionChange, Value as Field};
use bindings::exports::wasi::http::incoming_handler::Guest;
use bindings::wasi::http::types::{
    Fields, IncomingRequest, Method, OutgoingBody, OutgoingResponse, ResponseOutparam,
};
use bindings::wasi::io::streams::StreamError;
use serde_json::{Map, Value, json};

const MAX_BODY: usize = 1 << 20;
/// What one write to a stream may have.
const MAX_WRITE: usize = 4096;

impl Guest for Facade {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let (status, body) = match answer(&request) {
            Ok(body) => (200, body),
            Err((status, message)) => (status, json!({ "error": message })),
        };
        respond(out, status, body.to_string().as_bytes());
    }
}

/// A status with a message for the author of the client.
type Refusal = (u16, &'static str);

fn answer(request: &IncomingRequest) -> Result<Value, Refusal> {
    // A page in a browser on this machine must not reach the action. It can send a POST to any address, but only with a
    // content type that forms have; and if its own host name resolves to this machine, `Host` has that name.
    let host = request.authority().unwrap_or_default();
    let name = host.rsplit_once(':').map_or(&*host, |(name, _)| name);
    if !["localhost", "127.0.0.1", "[::1]"].contains(&name) {
        return Err((403, "only for this machine: use 127.0.0.1 or localhost"));
    }
    let types = request.headers().get("content-type");
    if types != [b"application/json"] {
        return Err((415, "the content type must be application/json"));
    }
    let path = request.path_with_query().unwrap_or_default();
    let action = path
        .strip_prefix("/run/")
        .ok_or((404, "the path must be /run/ACTION"))?;
    if !matches!(request.method(), Method::Post) {
        return Err((405, "the method must be POST"));
    }
    let body: Value =
        serde_json::from_slice(&read(request)?).map_err(|_| (400, "the body must be JSON"))?;
    let arguments = body["arguments"]
        .as_array()
        .ok_or((400, "the body must have a list of arguments"))?;
    let arguments: Option<Vec<_>> = arguments.iter().map(argument).collect();
    let arguments = arguments.ok_or((
        400,
        "an argument has a name, and one of text, secret, token and session",
    ))?;
    Ok(match run::run(action, &arguments) {
        Ok(success) => json!({ "success": {
            "outputs": success.outputs.into_iter().map(|output| (output.name, output.value.into())).collect::<Map<_, _>>(),
            "session": session(success.session),
        } }),
        Err(failure) => json!({ "failure": {
            "code": failure.code,
            "field": failure.field,
            "retry": match failure.retry {
                Retry::Never => json!("never"),
                Retry::Backoff => json!("backoff"),
                Retry::After(seconds) => json!({ "after": seconds }),
                Retry::NewToken => json!("new-token"),
            },
            "message": failure.message,
            "details": failure.details.into_iter().map(|detail| (detail.name, detail.value.into())).collect::<Map<_, _>>(),
        } }),
    })
}

fn argument(json: &Value) -> Option<Argument> {
    let text = |json: &Value| json.as_str().map(str::to_owned);
    let seconds = |json: &Value| {
        json.as_u64()
            .and_then(|seconds| u32::try_from(seconds).ok())
    };
    let value = if let Some(value) = json.get("text") {
        Field::Text(text(value)?)
    } else if let Some(value) = json.get("secret") {
        Field::Secret(text(value)?)
    } else if let Some(token) = json.get("token") {
        Field::Token(run::BorrowedToken {
            url: text(&token["url"])?,
            access_token: text(&token["access-token"])?,
            token_type: text(&token["token-type"])?,
            expires_in: seconds(&token["expires-in"]),
        })
    } else {
        let session = json.get("session")?;
        Field::Session(run::Session {
            token: text(&session["token"])?,
            token_type: text(&session["token-type"])?,
            base_url: text(&session["base-url"])?,
            expires_in: seconds(&session["expires-in"]),
        })
    };
    Some(Argument {
        name: text(&json["name"])?,
        value,
    })
}

fn session(change: SessionChange) -> Value {
    let (change, session) = match change {
        SessionChange::Unchanged => return Value::Null,
        SessionChange::Closed => return json!({ "change": "closed" }),
        SessionChange::Opened(session) => ("opened", session),
        SessionChange::Replaced(session) => ("replaced", session),
    };
    json!({
        "change": change,
        "token": session.token,
        "token-type": session.token_type,
        "base-url": session.base_url,
        "expires-in": session.expires_in,
    })
}

fn read(request: &IncomingRequest) -> Result<Vec<u8>, Refusal> {
    const BROKEN: Refusal = (400, "the body broke off");
    let body = request.consume().map_err(|()| BROKEN)?;
    let stream = body.stream().map_err(|()| BROKEN)?;
    let mut content = Vec::new();
    loop {
        match stream.blocking_read(MAX_BODY as u64) {
            Ok(bytes) => content.extend(bytes),
            Err(StreamError::Closed) => return Ok(content),
            Err(StreamError::LastOperationFailed(_)) => return Err(BROKEN),
        }
        if content.len() > MAX_BODY {
            return Err((413, "the body is too large"));
        }
    }
}

/// Errors are ignored: the client is gone, and there is nobody to tell.
fn respond(out: ResponseOutparam, status: u16, content: &[u8]) {
    let headers = Fields::new();
    let _ = headers.append("content-type", b"application/json");
    let _ = headers.append("cache-control", b"no-store");
    let response = OutgoingResponse::new(headers);
    let _ = response.set_status_code(status);
    let Ok(body) = response.body() else { return };
    ResponseOutparam::set(out, Ok(response));
    if let Ok(stream) = body.write() {
        let _ = content
            .chunks(MAX_WRITE)
            .try_for_each(|part| stream.blocking_write_and_flush(part));
    }
    let _ = OutgoingBody::finish(body, None);
}
