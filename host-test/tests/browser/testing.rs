//! A designer tests a bot in the editor: a sign-in, or the steps up to one.

use fantoccini::key::Key;
use genesys_sim::{GenesysCloud, OAuthClient, Options, Region, User};
use serde_json::{Value, json};
use test_peers::{Test, tests};

use crate::browser::{Browser, Look};
use crate::control_room::ControlRoom;
use crate::creating::Creating;
use crate::editor::{create, new_bot, sign_out_elsewhere};
use crate::pages::assert_good;
use crate::runs::{bot, fixture, import};

/// Tests the bot up to a step, and waits for the outcome.
async fn test(browser: &Browser, step: usize, outcome: &str) {
    browser.select(step).await;
    browser.press("test-run").await;
    browser.until_state("test", outcome).await;
}

/// The texts of what can be picked for the message.
async fn picks(browser: &Browser) -> Value {
    browser.press("field-message-pick").await;
    browser
        .until("document.querySelector('.picker[open] > div').children.length > 0")
        .await;
    let texts = "[...document.querySelectorAll('.picker button')].map((it) => it.textContent)";
    browser.evaluate(texts).await
}

/// Picks the first one that begins like this.
async fn pick(browser: &Browser, beginning: &str) {
    let found = format!(
        "[...document.querySelectorAll('.picker[open] button')].find((it) => it.textContent.startsWith('{beginning}'))"
    );
    browser.until(&found).await;
    let press = format!("{found}.click()");
    browser.client.execute(&press, Vec::new()).await.unwrap();
}

async fn a_test_shows_what_steps_return_and_fields_pick_from_it() {
    let (cloud, room, client) = fixture(Options::default()).await;
    let browser = room.signed_in("en").await;
    browser.look(Look::WIDE).await;
    let request = json!({ "action": "genesys/api-request", "session-name": "Default",
        "path": "/api/v2/organizations/me", "output": "organization" });
    let log = json!({ "action": "log", "message": "Hello, " });
    let broken = json!({ "action": "log", "message": "{nothing}" });
    import(&browser, &room, &bot(&[request, log, broken])).await;

    browser.select(1).await;
    assert_eq!(browser.text("test-run").await, "Test sign-in");
    test(&browser, 1, "Done").await;
    let opened = ["https://api.mypurecloud.de", "It expires in 24 hours."];
    browser.shows("result", &opened).await;
    let open_sessions = || cloud.valid_tokens(&client.id);
    assert_eq!((cloud.statistics().tokens_issued, open_sessions()), (1, 0));
    assert_good(&browser, "tested-sign-in").await;
    browser.look(Look::WIDE).await;

    // A step that was not tested yet.
    browser.select(3).await;
    assert_eq!(
        picks(&browser).await,
        json!(["organization: what the step returns"])
    );
    assert_eq!(browser.text("test-run").await, "Test to here");

    test(&browser, 2, "Done").await;
    assert_eq!(browser.statuses().await, json!(["done", "done", "", ""]));
    let output = ["GET /api/v2/organizations/me: 200", "name: "];
    browser.shows("result", &output).await;
    assert_eq!((cloud.statistics().tokens_issued, open_sessions()), (2, 0));
    assert_good(&browser, "tested-output").await;
    browser.look(Look::WIDE).await;

    // The value is inserted at the cursor.
    browser.select(3).await;
    browser.find("field-message").await.click().await;
    browser.keys(&format!("!{}", char::from(Key::Left))).await;
    let picks = picks(&browser).await;
    assert!(picks.to_string().contains("name: "), "{picks}");
    assert_good(&browser, "picker").await;
    browser.look(Look::WIDE).await;
    pick(&browser, "name: ").await;
    assert_eq!(browser.focus().await, "field-message");
    let message = browser.find("field-message").await.prop("value").await;
    assert_eq!(message.as_deref(), Some("Hello, {organization.name}!"));
    // What was tested before the change holds.
    assert_eq!(browser.statuses().await, json!(["done", "done", "", ""]));
    let state = browser.text("test-state").await;
    assert!(!state.contains("changed since"), "{state}");

    // Saved or not, and whatever follows.
    browser.press("test-run").await;
    browser
        .until("document.getElementById('result').textContent.startsWith('Hello, ')")
        .await;
    browser.until_state("test", "Done").await;
    assert_eq!(
        browser.statuses().await,
        json!(["done", "done", "done", ""])
    );

    // A mistake on the way is shown at its field.
    browser.select(4).await;
    browser.press("test-run").await;
    browser.until_state("test", "Nothing has run").await;
    assert_eq!(browser.focus().await, "field-message");
    assert_ne!(browser.problem("message").await, "");

    browser.go(&room.url("/runs")).await;
    let runs = browser.css(".history").await.text().await;
    assert!(runs.contains("Hello (test to step 3)"), "{runs}");
}

async fn a_value_in_a_list_is_picked_by_its_index_and_a_revoked_session_opened_again() {
    let (cloud, room, client) = fixture(Options::default()).await;
    let jane = User {
        name: "Jane Roe".into(),
        ..User::new("jane@example.com", "correct horse".into())
    };
    cloud.add_user(jane).unwrap();
    let browser = room.signed_in("en").await;
    browser.look(Look::WIDE).await;
    let request = json!({ "action": "genesys/api-request", "session-name": "Default",
        "path": "/api/v2/users", "output": "users" });
    let log = json!({ "action": "log", "message": "Hello, " });
    import(&browser, &room, &bot(&[request, log])).await;
    test(&browser, 2, "Done").await;
    browser.select(3).await;
    browser.press("field-message-pick").await;
    for list in ["entities", "[0]"] {
        let summary = format!(
            "[...document.querySelectorAll('.picker summary')].find((it) => it.textContent.startsWith('{list}'))"
        );
        browser.until(&summary).await;
        let open = format!("{summary}.click()");
        browser.client.execute(&open, Vec::new()).await.unwrap();
    }
    pick(&browser, "name: Jane Roe").await;
    let message = browser.find("field-message").await.prop("value").await;
    assert_eq!(message.as_deref(), Some("Hello, {users.entities[0].name}"));

    assert!(cloud.revoke_client_tokens(&client.id));
    browser.press("test-run").await;
    browser
        .until("document.getElementById('result').textContent === 'Hello, Jane Roe'")
        .await;
    browser.until_state("test", "Done").await;
    assert_eq!(cloud.statistics().tokens_issued, 2);
}

async fn a_failing_step_opens_and_a_waiting_test_stops_at_once_in_german() {
    let limited = Options {
        api_requests_per_minute: Some(1),
        ..Options::default()
    };
    let (cloud, room, client) = fixture(limited).await;
    let browser = room.signed_in("de").await;
    browser.look(Look::WIDE).await;
    let request = json!({ "action": "genesys/api-request", "path": "/api/v2/organizations/me" });
    let log = json!({ "action": "log", "message": "Hallo" });
    let file = bot(&[request.clone(), request, log]);
    import(&browser, &room, &file).await;
    browser.select(4).await;
    browser.press("test-run").await;
    browser
        .until("document.activeElement.id === 'test-stop'")
        .await;
    browser
        .until("document.querySelector('[data-status=waiting] .status')?.textContent.startsWith('Wartet noch ')")
        .await;
    assert_eq!(
        browser.statuses().await,
        json!(["done", "done", "waiting", ""])
    );
    assert_good(&browser, "test-waiting").await;
    browser.look(Look::WIDE).await;
    // At once, also if the answer takes a while.
    let stop = "document.getElementById('test-stop').click(); \
        return document.getElementById('test-state').textContent";
    let said = browser.client.execute(stop, Vec::new()).await.unwrap();
    assert_eq!(said, "Wird angehalten …");
    browser.until_state("test", "Angehalten").await;
    assert_eq!(
        browser.statuses().await,
        json!(["done", "done", "stopped", ""])
    );

    cloud.remove_client(&client.id);
    test(&browser, 4, "Fehlgeschlagen").await;
    let selected = "document.querySelector('.step[data-selected] .what').textContent";
    assert_eq!(
        browser.evaluate(selected).await,
        "1. OAuth-Authentifizierung"
    );
    // What is to be done, where it failed, and what Genesys said.
    let words = [
        "Prüfen Sie URL, Client-ID und Geheimnis.",
        "eu-central-1",
        "„client not found“",
    ];
    browser.shows("result", &words).await;
    assert_eq!(browser.statuses().await, json!(["failed", "", "", ""]));
    assert_good(&browser, "test-failed").await;
}

async fn a_test_asks_before_a_step_changes_something() {
    let cloud = GenesysCloud::start(Options::default()).await.unwrap();
    let region = Region::named("eu-central-1").unwrap();
    let client = cloud
        .add_client(OAuthClient::new("Hello Bot", region))
        .unwrap();
    let room = ControlRoom::start_with_users(&cloud).await;
    room.add_designer().await;
    room.store_client(&client).await;
    let browser = room.signed_in("en").await;
    browser.look(Look::WIDE).await;
    let create = json!({ "action": "genesys-users/create", "session-name": "Default",
        "name": "Ada Lovelace", "email": "ada@example.com", "output": "new" });
    let delete =
        json!({ "action": "genesys-users/delete", "session-name": "Default", "user-id": "" });
    let log = json!({ "action": "log", "message": "x" });
    import(&browser, &room, &bot(&[create, log, delete])).await;

    // The outputs that its form has.
    browser.select(3).await;
    let picks = picks(&browser).await.to_string();
    assert!(picks.contains("id: "), "{picks}");

    browser.press("test-run").await;
    browser.find("question-cancel").await;
    let question = browser.text("question").await;
    assert!(
        question.contains("2. Create user (genesys-users)"),
        "{question}"
    );
    assert_good(&browser, "test-question").await;
    browser.look(Look::WIDE).await;
    browser.keys(&char::from(Key::Escape).to_string()).await;
    browser
        .until("!document.getElementById('question').hasChildNodes()")
        .await;
    assert_eq!(browser.focus().await, "test-run");
    assert_eq!(browser.statuses().await, json!(["", "", "", ""]));

    browser.press("test-run").await;
    browser.press("test-anyway").await;
    browser.until_state("test", "Done").await;
    assert_eq!(
        browser.statuses().await,
        json!(["done", "done", "done", ""])
    );
    browser.select(2).await;
    browser.shows("result", &["email: ada@example.com"]).await;

    // A whole value is a variable.
    browser.select(4).await;
    let focus = "document.getElementById('field-user-id-pick').focus()";
    browser.client.execute(focus, Vec::new()).await.unwrap();
    // By keyboard: the first of its members, which are in the order of their names.
    browser.keys(&char::from(Key::Enter).to_string()).await;
    browser
        .until("document.querySelector('.picker[open] button')")
        .await;
    browser.keys(&char::from(Key::Tab).to_string()).await;
    browser.keys(&char::from(Key::Enter).to_string()).await;
    browser.save().await;
    let id = &browser.exported().await["steps"][3]["user-id"];
    assert_eq!(id, &json!({ "variable": "new.email" }));
    assert_eq!(browser.checked().await, "No mistakes");
    assert_good(&browser, "picked-variable").await;
}

async fn a_secret_output_is_not_shown_by_a_test() {
    let nowhere = egress::Options::new(egress::AllowList::default());
    let room = ControlRoom::serve(Creating::engine(), nowhere, None).await;
    room.add_designer().await;
    let browser = room.signed_in("en").await;
    create(&browser, "Hello").await;
    browser.look(Look::WIDE).await;
    browser.click("[data-action='acme/create']").await;
    browser.press("test-run").await;
    browser.press("test-anyway").await;
    browser.until_state("test", "Done").await;
    let shown = ["password: hidden, as it is a secret", "log: xxx"];
    browser.shows("result", &shown).await;
    let page = browser.client.source().await.unwrap();
    assert!(!page.contains("canary"));
}

async fn a_long_list_is_cut_and_its_rest_shown_on_request() {
    let (_room, browser) = new_bot().await;
    let draw = "const done = arguments[0]; \
        const script = document.querySelector('script[src*=editor]').src; \
        import(script.replace('editor.js', 'tree.js')).then(({ tree }) => { \
          const list = tree({ more: '{n} more' }, 'x', [...Array(45).keys()]); \
          document.getElementById('test').hidden = false; \
          document.getElementById('result').replaceChildren(list); \
          done(null); \
        })";
    browser
        .client
        .execute_async(draw, Vec::new())
        .await
        .unwrap();
    let items = "document.querySelectorAll('.tree > li').length";
    for (more, count) in [("25 more", 21), ("5 more", 41)] {
        assert_eq!(browser.evaluate(items).await, count);
        let button = browser.css(".tree > li:last-child button").await;
        assert_eq!(button.text().await, more);
        button.click().await;
    }
    assert_eq!(browser.evaluate(items).await, 45);
    let focused = browser.evaluate("document.activeElement.textContent");
    assert_eq!(focused.await, "[40]: 40");
}

async fn a_step_is_tested_alone_with_what_earlier_steps_returned() {
    let (cloud, room, _) = fixture(Options::default()).await;
    let browser = room.signed_in("en").await;
    browser.look(Look::WIDE).await;
    let request = |path: &str, output: &str| json!({ "action": "genesys/api-request", "session-name": "Default", "path": path, "output": output });
    let create = json!({ "action": "genesys/api-request", "session-name": "Default", "method": "POST",
        "path": "/api/v2/users", "body": { "name": "{organization.name}", "email": "ada@example.com" } });
    let show = json!({ "action": "log", "message": "Hello, {organization.name}" });
    let mut read = request("/api/v2/organizations/me", "organization");
    read["step-name"] = "Read it".into();
    let steps = [
        read,
        json!({ "action": "log", "message": "x" }),
        show,
        create,
    ];
    import(&browser, &room, &bot(&steps)).await;
    let is_hidden = "document.getElementById('test-step').hidden";
    browser.select(4).await;
    assert_eq!(browser.evaluate(is_hidden).await, true);
    let missing = browser.text("test-missing").await;
    assert!(missing.ends_with("needs: 2. Read it."), "{missing}");
    assert_good(&browser, "test-missing").await;
    browser.look(Look::WIDE).await;

    test(&browser, 2, "Done").await;
    browser.select(4).await;
    assert_eq!(browser.text("test-missing").await, "");
    assert_good(&browser, "test-step").await;
    browser.look(Look::WIDE).await;
    browser.press("test-step").await;
    browser
        .until("document.getElementById('result').textContent.startsWith('Hello, Example')")
        .await;
    browser.until_state("test", "Done").await;
    let none_but_the_step = json!(["", "", "", "done", ""]);
    assert_eq!(browser.statuses().await, none_but_the_step);
    assert_eq!(cloud.statistics().tokens_issued, 1);

    // The session is opened anew, and a step that changes something is asked about.
    browser.select(5).await;
    browser.press("test-step").await;
    browser.find("question-cancel").await;
    browser.shows("question", &["5. API request"]).await;
    browser.press("test-anyway").await;
    browser.until_state("test", "Done").await;
    assert_eq!(
        browser.statuses().await,
        json!(["done", "", "", "", "done"])
    );
    assert_eq!(cloud.statistics().tokens_issued, 2);
    browser.select(5).await;
    browser.shows("result", &["name: Example Company"]).await;

    // An output may depend on the rest of the bot, even if its own step is as it was.
    browser.fill("bot-name", "Other").await;
    test(&browser, 1, "Done").await;
    browser.select(4).await;
    assert_eq!(browser.evaluate(is_hidden).await, true);
    test(&browser, 2, "Done").await;
    browser.select(4).await;
    assert_eq!(browser.evaluate(is_hidden).await, false);

    // What another request returned is no longer known.
    browser.select(2).await;
    browser.fill("field-path", "/api/v2/users/me").await;
    browser.select(4).await;
    assert_eq!(browser.evaluate(is_hidden).await, true);
}

async fn a_test_that_cannot_start_says_why() {
    const OFFLINE: &str = "window.online = window.fetch; \
        window.fetch = () => Promise.reject(new TypeError('offline'))";
    let (room, browser) = new_bot().await;
    browser.click("[data-action='log']").await;
    browser.fill("field-message", "x").await;
    browser.save().await;
    browser.client.execute(OFFLINE, Vec::new()).await.unwrap();
    browser.press("test-run").await;
    browser
        .until_state("test", "Not tested: the Control Room does not respond")
        .await;
    let online = "window.fetch = window.online";
    browser.client.execute(online, Vec::new()).await.unwrap();

    let address = browser.client.current_url().await.unwrap();
    let id = address.path().strip_prefix("/bots/").unwrap();
    room.bots().await.remove(id).await.unwrap();
    browser.press("test-run").await;
    browser
        .until_state("test", "Nothing has run: the bot was deleted")
        .await;

    sign_out_elsewhere(&room, &browser).await;
    browser.press("test-run").await;
    browser
        .until_state("test", "Not started: you are signed out")
        .await;
    assert_good(&browser, "test-signed-out").await;
}

pub(crate) const TESTS: &[Test] = tests![
    a_test_shows_what_steps_return_and_fields_pick_from_it,
    a_value_in_a_list_is_picked_by_its_index_and_a_revoked_session_opened_again,
    a_failing_step_opens_and_a_waiting_test_stops_at_once_in_german,
    a_test_asks_before_a_step_changes_something,
    a_secret_output_is_not_shown_by_a_test,
    a_long_list_is_cut_and_its_rest_shown_on_request,
    a_step_is_tested_alone_with_what_earlier_steps_returned,
    a_test_that_cannot_start_says_why,
];
