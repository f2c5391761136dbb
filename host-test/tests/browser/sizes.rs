//! The editor in windows of all sizes: what is in view, and what a designer can do in a narrow one.

use serde_json::json;
use test_peers::{Test, tests};

use crate::browser::{Browser, Look};
use crate::editing::messages;
use crate::editor::new_bot;
use crate::pages::assert_good;

/// Asserts that all of these elements are in view: in the window, and neither covered nor scrolled away.
async fn assert_in_view(browser: &Browser, elements: &[&str], case: &str) {
    let hidden = "return arguments[0].filter((selector) => {
        const it = document.querySelector(selector);
        const { left, width, top, bottom } = it.getBoundingClientRect();
        const isSeen = (y) => it.contains(document.elementFromPoint(left + width / 2, y));
        return !isSeen(top + 2) || !isSeen(bottom - 2);
    })";
    let hidden = browser.client.execute(hidden, vec![json!(elements)]).await;
    assert_eq!(hidden.unwrap(), json!([]), "{case}");
}

async fn the_list_of_problems_is_in_view_at_each_width() {
    let (room, browser) = new_bot().await;
    let created = room.bots().await.create("Hello", &bot(15)).await;
    browser
        .go(&room.url(&format!("/bots/{}", created.unwrap())))
        .await;
    browser.checked().await;
    browser.click("#problems summary").await;
    for width in [320, 360, 480, 600, 736, 900, 1600] {
        let look = Look::new(width, false);
        browser.look(look).await;
        let edges = "((it) => it.left >= 0 && it.width > 200 && it.right <= innerWidth)\
            (document.getElementById('problem-list').getBoundingClientRect())";
        browser.until(edges).await;
        assert_in_view(
            &browser,
            &["#problem-list li:first-child"],
            &format!("{look:?}"),
        )
        .await;
    }
}

/// A file of a bot with this number of steps, of which the first and the last have long forms.
fn bot(steps: usize) -> String {
    let sign_in = |session: &str| {
        json!({ "action": "genesys/oauth-authenticate", "url": "https://apps.mypurecloud.de",
        "session-name": session })
    };
    let mut all = vec![json!({ "action": "log", "message": "x" }); steps];
    all[0] = sign_in("Default");
    all[steps - 1] = sign_in("Other");
    json!({ "name": "Hello", "steps": all }).to_string()
}

async fn with_many_steps_the_actions_the_toolbar_the_step_and_its_form_are_in_view() {
    let (room, browser) = new_bot().await;
    let always = [
        "#palette summary",
        ".toolbar",
        "#save",
        "#run",
        ".step[data-selected]",
        "#form-title",
        "#test-run",
    ];
    let wide = [740, 800, 1024, 1119, 1121, 1600].map(|width| Look::new(width, false));
    // The German words are longer, which counts where there is little room.
    let all = [Look::PHONES.as_slice(), &wide].concat();
    for (language, looks) in [("en", all.as_slice()), ("de", &Look::PHONES)] {
        for steps in [15, 40] {
            let created = room.bots().await.create("Hello", &bot(steps)).await;
            let page = room.url(&format!("/bots/{}", created.unwrap()));
            browser.go(&page).await;
            browser.css(&format!("html[lang={language}]")).await;
            for look in looks {
                let case = format!("{language}, {steps} steps, {look:?}");
                browser.look(*look).await;
                for step in [steps / 2, steps] {
                    browser.select(step).await;
                    assert_in_view(&browser, &always, &case).await;
                }
                // The last field of a form that is longer than the window.
                let last = "document.getElementById('field-session-name').scrollIntoView()";
                browser.client.execute(last, Vec::new()).await.unwrap();
                let seen = [always.as_slice(), &["#field-session-name"]].concat();
                assert_in_view(&browser, &seen, &case).await;
            }
        }
        assert_good(&browser, "forty-steps").await;
        browser.press("language").await;
    }
}

async fn at_360_pixels_steps_are_added_moved_duplicated_undone_and_tested() {
    let (_room, browser) = new_bot().await;
    browser.look(Look::PHONES[0]).await;
    for message in ["one", "two"] {
        browser.click("#palette summary").await;
        browser.click("[data-action='log']").await;
        browser.fill("field-message", message).await;
    }
    browser.click(".step[data-selected] .up").await;
    browser.press("tool-duplicate").await;
    assert_eq!(messages(&browser).await, ["two", "two", "one"]);
    browser.press("tool-undo").await;
    assert_eq!(messages(&browser).await, ["two", "one"]);
    browser.press("test-run").await;
    browser.until_state("test", "Done").await;
    browser.shows("result", &["two"]).await;
    assert_in_view(&browser, &["#result"], "tested").await;
    assert_good(&browser, "tested-on-a-phone").await;
}

pub(crate) const TESTS: &[Test] = tests![
    with_many_steps_the_actions_the_toolbar_the_step_and_its_form_are_in_view,
    the_list_of_problems_is_in_view_at_each_width,
    at_360_pixels_steps_are_added_moved_duplicated_undone_and_tested,
];
