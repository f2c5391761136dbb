//! Layout and accessibility of the pages: narrow and wide, light and dark.

use genesys_sim::ClientType;
use test_peers::{Test, tests};

use crate::browser::{Browser, Look};
use crate::connection_fixture::{ConnectionFixture, PASSWORD, USERNAME, finish};

/// Asserts that the page fits its window and that axe-core finds nothing.
pub(crate) async fn assert_good(browser: &Browser, name: &str) {
    for look in Look::ALL {
        browser.look(look).await;
        // Sticky elements would cover the rest in the screenshot.
        let scroll = "scrollTo(0, 0); \
            document.querySelectorAll('.panes > section').forEach((it) => it.scrollTo(0, 0))";
        browser.client.execute(scroll, Vec::new()).await.unwrap();
        let scheme = if look.dark { "dark" } else { "light" };
        let name = format!("{name}-{}-{scheme}", look.width);
        browser.screenshot(&name).await;
        // A scroll bar takes its part of the window.
        let beyond = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        let beyond = browser.evaluate(beyond).await;
        assert_eq!(beyond, 0, "{name} fits its window");
        let findings = browser.accessibility().await;
        assert!(findings.is_empty(), "{name}:\n{}", findings.join("\n"));
    }
}

async fn the_pages_of_a_sign_in_are_accessible() {
    let (_fixture, browser, mut sign_in) = ConnectionFixture::begun(ClientType::Confidential).await;
    let page = sign_in.authorization_url();
    let callback = sign_in.callback_url().as_str().to_owned();
    let person = async {
        browser.go(&page).await;
        assert_good(&browser, "sign-in").await;
        browser.enter(USERNAME, "wrong").await;
        browser.find("notice").await;
        assert_good(&browser, "wrong-password").await;
        browser.go(&callback).await;
        browser.find("not-expected").await;
        assert_good(&browser, "not-expected").await;
        browser.sign_in(&page, USERNAME, PASSWORD).await;
        browser.find("signed-in").await;
        assert_good(&browser, "signed-in").await;
    };
    let (tokens, ()) = tokio::join!(finish(&mut sign_in), person);
    tokens.unwrap();
}

async fn the_pages_of_a_failed_sign_in_are_accessible() {
    let (_fixture, browser, mut sign_in) = ConnectionFixture::begun(ClientType::Confidential).await;
    let page = sign_in.authorization_url();
    browser
        .go("https://login.mypurecloud.de/oauth/authorize")
        .await;
    browser.find("problem").await;
    assert_good(&browser, "problem").await;

    let person = async {
        browser.go(&page).await;
        browser.press("refuse").await;
        browser.find("refused").await;
        assert_good(&browser, "refused").await;
    };
    let (result, ()) = tokio::join!(finish(&mut sign_in), person);
    result.unwrap_err();
}

/// Guards against a check that no longer checks anything.
async fn axe_core_reports_a_field_without_a_label() {
    let (_scene, browser, sign_in) = ConnectionFixture::begun(ClientType::Public).await;
    browser.go(&sign_in.authorization_url()).await;
    browser
        .evaluate("document.querySelector('label').remove()")
        .await;
    let findings = browser.accessibility().await;
    assert!(
        findings
            .iter()
            .any(|finding| finding.contains("violation label")),
        "{findings:?}"
    );
}

pub(crate) const TESTS: &[Test] = tests![
    the_pages_of_a_sign_in_are_accessible,
    the_pages_of_a_failed_sign_in_are_accessible,
    axe_core_reports_a_field_without_a_label,
];
