//! Reads the responses with which Genesys Cloud refuses a request.
//!
//! They follow RFC 6749, section 5.2, or Genesys' API (`message`, `code`, `contextId`), or come from gateways that follow
//! neither.

use crate::characters::is_invisible;
use crate::error::{Error, Failure, Reason, Rejection};
use crate::exchange::Response;
use crate::members::Members;
use crate::retry_after;

/// The longest description that is returned, in characters.
const MAX_DESCRIPTION: usize = 200;

/// The longest code or correlation id that is returned, in characters.
const MAX_CODE: usize = 64;

/// Reads a response that is not a success.
pub fn read(host: &str, response: &Response) -> Error {
    let status = response.status;
    let correlation_id = correlation_id(response);
    let failure = |reason| Failure {
        host: host.into(),
        reason,
        status: Some(status),
        retry_after: retry_after(response),
        correlation_id: correlation_id.clone(),
    };
    match status {
        429 => return throttled(host, response, None),
        408 | 500..=599 => return Error::Unavailable(failure(Reason::ServerError)),
        301 | 302 | 303 | 307 | 308 => {
            return Error::UnexpectedResponse(failure(Reason::Redirected));
        }
        _ => {}
    }
    let body = response
        .body
        .as_deref()
        .filter(|_| response.is_json())
        .unwrap_or_default();
    let refusal = Members::parse(body).unwrap_or_default();
    let text = |names: &[&str]| names.iter().find_map(|name| refusal.text(name));
    let description = text(&["error_description", "description", "message"]);
    let code = match text(&["error", "code"]) {
        // The limit for new tokens is reported with status 400, and says in its text how long to wait. Genesys' Terraform
        // provider retries it.
        Some(code) if code == "invalid_request" => match description.as_deref() {
            Some(text) if is_rate_limit(text) => {
                return throttled(host, response, retry_after::seconds_in_text(text));
            }
            _ => code,
        },
        // Codes of an authorization endpoint (RFC 6749, section 4.1.2.1), which token endpoints use as well.
        Some(code) if matches!(&*code, "temporarily_unavailable" | "server_error") => {
            return Error::Unavailable(failure(Reason::ServerError));
        }
        Some(code) => printable(&code, MAX_CODE),
        None if status == 401 && is_of_genesys(response) => "http-401".into(),
        None if status == 403 && is_of_genesys(response) => "http-403".into(),
        None => return Error::UnexpectedResponse(failure(Reason::UnexpectedStatus)),
    };
    Error::Rejected(Rejection {
        host: host.into(),
        code,
        description: description.map(|text| printable(&text, MAX_DESCRIPTION)),
        correlation_id,
    })
}

/// Whether a refusal without a code comes from Genesys Cloud, and not from a gateway, firewall or portal before it: it is
/// no page, and it has a correlation id or refuses a bearer token (RFC 6750, section 3).
pub fn is_of_genesys(response: &Response) -> bool {
    let challenge = response.www_authenticate.as_deref().unwrap_or_default();
    let scheme = challenge.split(' ').next().unwrap_or_default();
    !response.is_html()
        && (correlation_id(response).is_some() || scheme.eq_ignore_ascii_case("bearer"))
}

fn is_rate_limit(description: &str) -> bool {
    description
        .to_ascii_lowercase()
        .starts_with("rate limit exceeded")
}

/// `otherwise` is the wait if there is no `Retry-After`.
fn throttled(host: &str, response: &Response, otherwise: Option<u32>) -> Error {
    Error::Throttled {
        host: host.into(),
        retry_after: retry_after(response).or(otherwise),
        correlation_id: correlation_id(response),
    }
}

fn retry_after(response: &Response) -> Option<u32> {
    let value = response.retry_after.as_deref()?;
    retry_after::seconds(value, response.date.as_deref())
}

/// The header `ININ-Correlation-Id`, safe to display.
pub fn correlation_id(response: &Response) -> Option<String> {
    let id = response.correlation_id.as_deref()?.trim();
    (!id.is_empty()).then(|| printable(id, MAX_CODE))
}

/// A server's text, safe to display: at most `max` characters, and spaces instead of control characters and of
/// characters that are invisible or reorder the text around them.
pub fn printable(text: &str, max: usize) -> String {
    let mut characters = text
        .trim()
        .chars()
        .map(|c| if is_invisible(c) { ' ' } else { c });
    let mut printable: String = characters.by_ref().take(max).collect();
    if characters.next().is_some() {
        printable.pop();
        printable.push('…');
    }
    printable
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "login.mypurecloud.de";

    fn json(status: u16, body: &str) -> Response {
        Response {
            status,
            content_type: Some("application/json".into()),
            correlation_id: Some("c-1".into()),
            body: Some(body.into()),
            ..Response::default()
        }
    }

    fn rejection(response: &Response) -> Rejection {
        match read(HOST, response) {
            Error::Rejected(rejection) => rejection,
            other => panic!("{other:?}"),
        }
    }

    fn assert_rejected(response: &Response, code: &str, description: Option<&str>) {
        let expected = Rejection {
            host: HOST.into(),
            code: code.into(),
            description: description.map(Into::into),
            correlation_id: Some("c-1".into()),
        };
        assert_eq!(rejection(response), expected);
    }

    fn wait(retry_after: Option<&str>, date: Option<&str>) -> Option<u32> {
        let response = Response {
            status: 429,
            retry_after: retry_after.map(Into::into),
            date: date.map(Into::into),
            ..Response::default()
        };
        match read(HOST, &response) {
            Error::Throttled { retry_after, .. } => retry_after,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_unknown_client_is_rejected() {
        let body = r#"{"error":"invalid_client","description":"client not found"}"#;
        assert_rejected(&json(400, body), "invalid_client", Some("client not found"));
    }

    #[test]
    fn a_wrong_secret_or_region_is_rejected() {
        let body = r#"{"error":"invalid_client","description":"authentication failed","error_description":"authentication failed"}"#;
        assert_rejected(
            &json(401, body),
            "invalid_client",
            Some("authentication failed"),
        );
    }

    #[test]
    fn the_limit_for_new_tokens_is_throttling_although_its_status_is_400() {
        for status in [200, 400] {
            let mut response = json(
                status,
                r#"{"error":"invalid_request","error_description":"rate limit exceeded; try later"}"#,
            );
            let throttled = |retry_after| Error::Throttled {
                host: HOST.into(),
                retry_after,
                correlation_id: Some("c-1".into()),
            };
            assert_eq!(read(HOST, &response), throttled(None));
            response.retry_after = Some("7".into());
            assert_eq!(read(HOST, &response), throttled(Some(7)));
        }
        let body = r#"{"error":"invalid_request","error_description":"no rate limit exceeded"}"#;
        assert_rejected(
            &json(400, body),
            "invalid_request",
            Some("no rate limit exceeded"),
        );
    }

    #[test]
    fn the_wait_of_the_limit_for_new_tokens_is_in_its_text() {
        let mut response = json(
            400,
            r#"{"error":"invalid_request","error_description":"rate limit exceeded; retry in 60 seconds"}"#,
        );
        let wait = |response: &Response| match read(HOST, response) {
            Error::Throttled { retry_after, .. } => retry_after,
            other => panic!("{other:?}"),
        };
        assert_eq!(wait(&response), Some(60));
        response.retry_after = Some("7".into());
        assert_eq!(wait(&response), Some(7));
    }

    #[test]
    fn codes_of_a_server_that_cannot_answer_are_unavailability() {
        for code in ["temporarily_unavailable", "server_error"] {
            for status in [200, 400, 403] {
                let mut response = json(status, &format!(r#"{{"error":"{code}"}}"#));
                response.retry_after = Some("7".into());
                let expected = Error::Unavailable(Failure {
                    status: Some(status),
                    retry_after: Some(7),
                    correlation_id: Some("c-1".into()),
                    ..Failure::without_answer(HOST, Reason::ServerError)
                });
                assert_eq!(read(HOST, &response), expected, "{code}");
            }
        }
    }

    #[test]
    fn the_api_rate_limit_is_throttling() {
        let body = r#"{"message":"Rate limit exceeded the maximum. Retry the request in [42] seconds","code":"too.many.requests.retry.after","status":429}"#;
        let response = Response {
            retry_after: Some("42".into()),
            ..json(429, body)
        };
        assert!(matches!(
            read(HOST, &response),
            Error::Throttled {
                retry_after: Some(42),
                ..
            }
        ));
    }

    #[test]
    fn codes_of_the_api_are_rejections() {
        for (status, code) in [
            (401, "bad.credentials"),
            (401, "authentication.required"),
            (401, "credentials.expired"),
            (403, "missing.permissions"),
        ] {
            let body = format!(r#"{{"message":"No.","code":"{code}","status":{status}}}"#);
            assert_rejected(&json(status, &body), code, Some("No."));
        }
    }

    #[test]
    fn a_server_error_is_unavailability_whatever_its_body() {
        for (status, body) in [
            (408, ""),
            (500, "{"),
            (502, "<html><h1>Bad Gateway</h1>"),
            (503, ""),
            (
                503,
                r#"{"message":"x","code":"service.unavailable","status":503}"#,
            ),
            (
                504,
                r#"{"message":"x","code":"authentication.request.timeout","status":504}"#,
            ),
        ] {
            for (retry_after, seconds) in [(None, None), (Some("300"), Some(300))] {
                let response = Response {
                    retry_after: retry_after.map(Into::into),
                    ..json(status, body)
                };
                let expected = Error::Unavailable(Failure {
                    host: HOST.into(),
                    reason: Reason::ServerError,
                    retry_after: seconds,
                    status: Some(status),
                    correlation_id: Some("c-1".into()),
                });
                assert_eq!(read(HOST, &response), expected);
            }
        }
    }

    #[test]
    fn other_codes_of_the_token_endpoint_are_rejections() {
        for code in [
            "invalid_request",
            "invalid_grant",
            "unauthorized_client",
            "unsupported_grant_type",
            "invalid_scope",
            "something_new",
        ] {
            assert_rejected(&json(400, &format!(r#"{{"error":"{code}"}}"#)), code, None);
        }
    }

    #[test]
    fn a_refusal_without_a_readable_body_is_classified_by_its_status() {
        for body in [
            "",
            "<html>",
            "{}",
            r#"{"error":""}"#,
            r#"{"error":"a","error":"b"}"#,
            "[]",
        ] {
            assert_rejected(&json(401, body), "http-401", None);
            assert_rejected(&json(403, body), "http-403", None);
        }
        assert_rejected(
            &Response {
                body: None,
                ..json(401, "")
            },
            "http-401",
            None,
        );
    }

    #[test]
    fn a_refusal_that_is_not_of_genesys_is_unexpected() {
        let page = |status, content_type: &str| Response {
            content_type: Some(content_type.into()),
            ..json(status, r#"{"error":"x"}"#)
        };
        let without_id = |status, body| Response {
            correlation_id: None,
            ..json(status, body)
        };
        for status in [401, 403] {
            for response in [
                page(status, "text/html"),
                page(status, "Text/HTML; charset=utf-8"),
                without_id(status, ""),
                without_id(status, r#"{"message":"Forbidden"}"#),
            ] {
                match read(HOST, &response) {
                    Error::UnexpectedResponse(failure) => assert_eq!(
                        (failure.reason, failure.status),
                        (Reason::UnexpectedStatus, Some(status))
                    ),
                    other => panic!("{other:?}"),
                }
            }
            let code = r#"{"code":"bad.credentials"}"#;
            assert_eq!(rejection(&without_id(status, code)).code, "bad.credentials");
            let challenge = Response {
                www_authenticate: Some("Bearer realm=\"genesys\"".into()),
                ..without_id(status, "")
            };
            assert_eq!(rejection(&challenge).code, format!("http-{status}"));
        }
    }

    #[test]
    fn a_redirect_is_not_followed() {
        for status in [301, 302, 303, 307, 308] {
            match read(HOST, &json(status, "")) {
                Error::UnexpectedResponse(failure) => {
                    assert_eq!(failure.reason, Reason::Redirected);
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn any_other_status_is_unexpected() {
        for status in [100, 204, 304, 400, 404, 418, 600] {
            match read(HOST, &json(status, "{}")) {
                Error::UnexpectedResponse(failure) => {
                    assert_eq!(
                        (failure.reason, failure.status),
                        (Reason::UnexpectedStatus, Some(status))
                    );
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn throttling_includes_retry_after() {
        assert_eq!(wait(Some("42"), None), Some(42));
        assert_eq!(wait(Some("soon"), None), None);
        assert_eq!(wait(None, None), None);
        let (date, later) = (
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:50:37 GMT",
        );
        assert_eq!(wait(Some(later), Some(date)), Some(60));
    }

    #[test]
    fn a_description_is_shortened_and_made_safe_to_display() {
        let hostile = format!("\\u001b[31mred\\u0007\\r\\n\\u202egnp{}", "x".repeat(1000));
        let rejection = rejection(&json(
            400,
            &format!(r#"{{"error":"a\nb","description":"{hostile}"}}"#),
        ));
        assert_eq!(rejection.code, "a b");
        let description = rejection.description.unwrap();
        assert!(
            description.starts_with(" [31mred    gnpxxx") && description.ends_with("x…"),
            "{description}"
        );
        assert_eq!(description.chars().count(), MAX_DESCRIPTION);
    }
}
