//! What the host adds to a failure: what an operator has to know of the network, and the errors of `wasi:http` cannot say.

use action_host::{Failure, Retry};
use egress::{AllowList, Client, Options, Proxies, ProxySettings};
use test_support::scripted::{Act, GENESYS, Script, Server, answers, ca};
use test_support::{Ca, Proxy};

use crate::component::{Build, host, test_both_builds};
use crate::generic::{AUTHENTICATE, failure_of, with_client_credentials};
use crate::scripted::{SECRET, Scripted, URL};

test_both_builds![
    a_proxy_that_refuses_is_named_with_its_status_and_asked_once,
    a_proxy_that_cannot_be_reached_is_named,
    a_proxy_setting_that_is_not_valid_is_named,
    a_certificate_that_is_refused_has_its_reason,
    an_alert_of_a_server_is_no_verdict_on_its_certificate,
];

/// Authenticates with this proxy, and returns the failure with its messages in English and German.
async fn through(build: Build, proxy: String) -> (Failure, [String; 2]) {
    let settings = ProxySettings {
        https: Some(proxy.into()),
        ..ProxySettings::default()
    };
    let client = Client::new(Options {
        proxies: Proxies::Explicit(settings),
        ..Options::new(AllowList::default())
    });
    let component = build.load(&client.unwrap());
    let arguments = with_client_credentials(URL, "the-id", SECRET);
    let failure = failure_of(component.run(AUTHENTICATE, &arguments).await);
    let mut messages = [const { String::new() }; 2];
    for (message, locale) in messages.iter_mut().zip(["en", "de"]) {
        let explained = component.explain(AUTHENTICATE, &failure, locale).await;
        *message = explained.unwrap();
    }
    (failure, messages)
}

async fn a_proxy_that_refuses_is_named_with_its_status_and_asked_once(build: Build) {
    for (answer, code, retry, status) in [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
            "not-permitted",
            Retry::Never,
            "407",
        ),
        (
            "HTTP/1.1 403 Forbidden\r\n\r\n",
            "not-permitted",
            Retry::Never,
            "403",
        ),
        (
            "HTTP/1.1 302 Found\r\n\r\n",
            "not-permitted",
            Retry::Never,
            "302",
        ),
        // It does not refuse, but cannot: that may pass.
        (
            "HTTP/1.1 502 Bad Gateway\r\n\r\n",
            "unavailable",
            Retry::Backoff,
            "502",
        ),
    ] {
        let proxy = Proxy::answering(answer).await;
        let url = format!("http://bob:canary@{}", proxy.address());
        let (failure, [english, german]) = through(build, url).await;
        assert_eq!((&*failure.code, failure.retry), (code, retry), "{answer}");
        assert_eq!(failure.detail("network"), Some("proxy-refused"));
        assert_eq!(failure.detail("proxy"), Some("127.0.0.1"));
        assert_eq!(failure.detail("proxy-status"), Some(status));
        for message in [&english, &failure.message] {
            assert!(
                message.contains(&format!(
                    "The proxy 127.0.0.1 refused the connection with status {status}"
                )),
                "{message}"
            );
        }
        assert!(german.contains("Der Proxy 127.0.0.1 hat"), "{german}");
        assert!(!format!("{failure:?}{english}{german}").contains("canary"));
        assert_eq!(proxy.requests().len(), 1);
    }
}

async fn a_proxy_that_cannot_be_reached_is_named(build: Build) {
    for (proxy, code) in [
        ("http://127.0.0.1:1", "proxy-unreachable"),
        ("http://proxy.invalid:3128", "proxy-not-found"),
    ] {
        let (failure, [english, german]) = through(build, proxy.into()).await;
        assert_eq!(failure.code, "unavailable");
        assert_eq!(failure.detail("reason"), Some("connection-failed"));
        assert_eq!(failure.detail("network"), Some(code));
        assert!(english.contains("proxy"), "{english}");
        assert!(german.contains("Proxy"), "{german}");
    }
}

async fn a_proxy_setting_that_is_not_valid_is_named(build: Build) {
    for (proxy, code) in [
        ("http://bob:p@ss@127.0.0.1:1", "proxy-setting-not-valid"),
        ("socks5://127.0.0.1:1", "proxy-not-supported"),
    ] {
        let (failure, [english, _]) = through(build, proxy.into()).await;
        assert_eq!(
            (&*failure.code, failure.retry),
            ("not-permitted", Retry::Never)
        );
        assert_eq!(failure.detail("network"), Some(code));
        assert!(english.contains("proxy"), "{english}");
    }
}

async fn a_certificate_that_is_refused_has_its_reason(build: Build) {
    for (tls, code) in [
        (
            ca().server_in_years(&GENESYS, 2020..=2024),
            "certificate-expired",
        ),
        (ca().server("login.mypurecloud.com"), "certificate-name"),
        (
            Ca::new("Another").server_for(&GENESYS),
            "certificate-issuer",
        ),
        (
            ca().server_for_clients("login.mypurecloud.de"),
            "certificate-purpose",
        ),
    ] {
        let server = Server::start_with(tls, answers("200 OK", "", "{}")).await;
        let fixture = Scripted::with(build, host(), server);
        let failure = failure_of(fixture.run().await);
        assert_eq!(failure.code, "untrusted-server");
        assert_eq!(failure.detail("network"), Some(code));
        assert!(
            failure.message.contains("The certificate is refused: "),
            "{}",
            failure.message
        );
    }
}

async fn an_alert_of_a_server_is_no_verdict_on_its_certificate(build: Build) {
    // `certificate_expired` and `unknown_ca` (RFC 8446, section 6.2).
    for alert in [45, 48] {
        let record = vec![21, 3, 3, 0, 2, 2, alert];
        let script = Script::InsteadOfTls(vec![Act::Send(record)]);
        let fixture = Scripted::start(build, script).await;
        let failure = failure_of(fixture.run().await);
        assert_eq!(failure.code, "unavailable");
        assert_eq!(failure.detail("reason"), Some("tls-failed"));
        assert_eq!(failure.detail("network"), None);
    }
}
