//! Layout and accessibility of the pages: narrow and wide, light and dark.

use genesys_sim::ClientType;
use test_peers::{Test, tests};

use crate::accessibility::FINDINGS;
use crate::browser::{Browser, Look};
use crate::connection_fixture::{ConnectionFixture, PASSWORD, USERNAME, finish};
use crate::control_room::ControlRoom;
use crate::editor::new_bot;

/// The targets of less than 24 by 24 CSS pixels. Those within sentences may be smaller (WCAG 2.5.8), as they are as high as a line.
const SMALL_TARGETS: &str = "(() => {
    const isInline = (it) => getComputedStyle(it).display === 'inline';
    const isInSentence = (it) => {
        let block = it;
        while (isInline(block)) {
            block = block.parentElement;
        }
        const other = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
        while (other.nextNode()) {
            if (/[\\p{L}\\p{N}]/u.test(other.currentNode.data) && !other.currentNode.parentElement.closest('a, button')) {
                return true;
            }
        }
        return false;
    };
    const targets = document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary');
    return [...targets].filter((it) => {
        const { width, height, right } = (it.closest('label') ?? it).getBoundingClientRect();
        const isSmall = Math.min(width, height) < 23.99;
        // The skip link is outside until it has the focus.
        return it.checkVisibility() && right > 0 && isSmall && !(isInline(it) && isInSentence(it));
    }).map((it) => `${it.outerHTML}: ${JSON.stringify(it.getBoundingClientRect())}`);
})()";

/// Asserts that the page fits its window, that axe-core finds nothing, and that targets are large enough.
pub(crate) async fn assert_good(browser: &Browser, name: &str) {
    let faults = format!(
        "(async () => {{
            // A page may still arrange itself for the new size, and scroll to what it shows last.
            const frame = () => new Promise((done) => requestAnimationFrame(done));
            do {{
                scrollTo(0, 0);
                document.querySelectorAll('#palette, .pane').forEach((it) => it.scrollTo(0, 0));
                await frame();
                await frame();
            }} while (scrollY !== 0);
            // A scroll bar takes its part of the window.
            const beyond = document.documentElement.scrollWidth - document.documentElement.clientWidth;
            const findings = await {FINDINGS};
            // Elsewhere, browsers fill in a password of theirs.
            const passwords = 'input[type=password]:not([autocomplete$=-password])';
            return findings && {{
                beyond,
                findings: [...findings, ...{SMALL_TARGETS}],
                passwords: document.querySelectorAll(passwords).length,
            }};
        }})()"
    );
    for look in Look::ALL {
        browser.look(look).await;
        let mut faults = browser.with_axe(&faults).await;
        let findings: Vec<String> = serde_json::from_value(faults["findings"].take()).unwrap();
        let scheme = if look.dark { "dark" } else { "light" };
        let name = format!("{name}-{}-{scheme}", look.width);
        // Taking a screenshot of every page would take a tenth of the time of these tests.
        if faults["beyond"] != 0 || !findings.is_empty() {
            browser.screenshot(&name).await;
        }
        assert_eq!(faults["beyond"], 0, "{name} fits its window");
        assert!(findings.is_empty(), "{name}:\n{}", findings.join("\n"));
        assert_eq!(faults["passwords"], 0, "{name}");
    }
}

async fn small_targets(browser: &Browser) -> Vec<String> {
    serde_json::from_value(browser.evaluate(SMALL_TARGETS).await).unwrap()
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
async fn a_field_without_a_label_and_small_targets_are_found() {
    let (_scene, browser, sign_in) = ConnectionFixture::begun(ClientType::Public).await;
    browser.go(&sign_in.authorization_url()).await;
    browser
        .evaluate("document.querySelector('label').remove()")
        .await;
    let small = "for (const name of ['a', 'b']) {
            const button = document.createElement('button');
            button.textContent = name;
            button.style.cssText = 'all: unset; display: inline-block; width: 12px; height: 12px';
            document.querySelector('form').append(button);
        }";
    browser.client.execute(small, Vec::new()).await.unwrap();
    let findings = browser.accessibility().await;
    for rule in ["violation label", "target-size"] {
        let is_found = findings.iter().any(|finding| finding.contains(rule));
        assert!(is_found, "{rule}: {findings:?}");
    }
    assert_eq!(small_targets(&browser).await.len(), 2);
}

/// What is chosen, focused or running must be seen where the system sets the colours, or more contrast.
async fn forced_colours_and_more_contrast_lose_nothing() {
    let (_room, browser) = new_bot().await;
    browser.click("[data-action='log']").await;
    let style = "((it) => it.outlineStyle)(getComputedStyle(document.querySelector('.step[data-selected]')))";
    assert_eq!(browser.evaluate(style).await, "none");
    browser.media("forced-colors", "active").await;
    assert_eq!(browser.evaluate(style).await, "solid");
    // axe-core knows the colours of the page only.
    let mut findings = browser.accessibility().await;
    findings.retain(|it| !it.contains("color-contrast"));
    assert!(findings.is_empty(), "{findings:?}");
    let hint = "((it) => getComputedStyle(it).color)(document.querySelector('#keys'))";
    browser.media("prefers-contrast", "no-preference").await;
    let soft = browser.evaluate(hint).await;
    browser.media("prefers-contrast", "more").await;
    assert_ne!(browser.evaluate(hint).await, soft);
    let findings = browser.accessibility().await;
    assert!(findings.is_empty(), "{findings:?}");
}

async fn static_files_arrive_compressed_and_are_not_requested_again() {
    let room = ControlRoom::start().await;
    let browser = Browser::open_for_loopback("en").await;
    browser.go(&room.url("/sign-in")).await;
    let files =
        "performance.getEntriesByType('resource').filter((it) => it.name.includes('/static/'))";
    let are_compressed = format!(
        "{files}.length > 0 && {files}.every((it) => it.encodedBodySize < it.decodedBodySize)"
    );
    browser.until(&are_compressed).await;
    let cache_control = "const done = arguments[0]; \
        fetch(document.querySelector('link[rel=stylesheet]').href) \
            .then((it) => done(it.headers.get('cache-control')))";
    let cache_control = browser.client.execute_async(cache_control, Vec::new());
    assert_eq!(
        cache_control.await.unwrap(),
        "public, max-age=31536000, immutable"
    );
    browser.go(&room.url("/sign-in?again")).await;
    let are_kept = format!("{files}.length > 0 && {files}.every((it) => it.transferSize === 0)");
    browser.until(&are_kept).await;
}

pub(crate) const TESTS: &[Test] = tests![
    the_pages_of_a_sign_in_are_accessible,
    the_pages_of_a_failed_sign_in_are_accessible,
    forced_colours_and_more_contrast_lose_nothing,
    a_field_without_a_label_and_small_targets_are_found,
    static_files_arrive_compressed_and_are_not_requested_again,
];
