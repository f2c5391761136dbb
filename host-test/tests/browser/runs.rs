//! A designer runs a bot and follows its log.

use std::time::Duration;

use control_room::Principal;
use control_room::queue::{Claim, NewRun};
use control_room::runs::Outcome;
use genesys_sim::{GenesysCloud, OAuthClient, Options, Region};
use serde_json::{Value, json};
use test_peers::{Test, tests};

use crate::browser::{Browser, Look};
use crate::control_room::{ControlRoom, NAME, PASSWORD};
use crate::interruptible_proxy::InterruptibleProxy;
use crate::pages::assert_good;

/// A Control Room with a cloud that has the client whose ID and secret are in the locker.
pub(crate) async fn fixture(options: Options) -> (GenesysCloud, ControlRoom, OAuthClient) {
    let cloud = GenesysCloud::start(options).await.unwrap();
    let region = Region::named("eu-central-1").unwrap();
    let client = cloud
        .add_client(OAuthClient::new("Hello Bot", region))
        .unwrap();
    let room = ControlRoom::start_with_cloud(&cloud).await;
    room.add_designer().await;
    room.store_client(&client).await;
    (cloud, room, client)
}

pub(crate) fn bot(more: &[Value]) -> String {
    let mut steps = vec![json!({
        "action": "genesys/oauth-authenticate",
        "url": "https://apps.mypurecloud.de",
        "client-id": { "credential": "genesys/hello-bot/client-id" },
        "client-secret": { "credential": "genesys/hello-bot/client-secret" },
        "session-name": "Default",
    })];
    steps.extend_from_slice(more);
    json!({ "name": "Hello", "steps": steps }).to_string()
}

pub(crate) async fn import(browser: &Browser, room: &ControlRoom, file: &str) {
    browser.go(&room.url("/bots/import")).await;
    browser.fill("file", file).await;
    browser.press("import").await;
    browser.find("steps").await;
}

async fn until_over(browser: &Browser, state: &str) {
    let is_over = format!("document.getElementById('run')?.dataset.state === '{state}'");
    browser.until(&is_over).await;
}

async fn from_an_empty_control_room_to_a_session_in_german() {
    let (_cloud, room, _) = fixture(Options::default()).await;
    let browser = room.signed_in("de").await;
    browser.look(Look::WIDE).await;
    browser.fill("new-name", "Hallo Genesys").await;
    browser.press("create").await;
    browser.find("steps").await;
    browser
        .drag("[data-action='genesys/oauth-authenticate']", "#steps")
        .await;
    browser
        .fill("field-url", "https://apps.mypurecloud.de")
        .await;
    browser.pick_client("hello-bot").await;
    assert_eq!(browser.checked().await, "Keine Fehler");
    // The bot is saved first, although "save" was not pressed.
    browser.press("run").await;
    browser.until_state("run", "Fertig").await;
    browser.open_log().await;
    assert_eq!(browser.text("outcome").await, "Fertig");
    let told = [
        "1. OAuth-Authentifizierung",
        "Sitzung „Default“ ist bei https://api.mypurecloud.de geöffnet. Sie läuft in 24 Stunden ab.",
        "blieb offen und steht anderen Bots weiter zur Verfügung",
    ];
    browser.shows("entries", &told).await;
    let used = [
        "genesys/hello-bot/client-id",
        "genesys/hello-bot/client-secret",
        "verwendet",
    ];
    browser.shows("uses", &used).await;
    let (entries, uses) = (browser.text("entries").await, browser.text("uses").await);
    assert_good(&browser, "run").await;
    // The reloaded page shows the same.
    browser.client.refresh().await.unwrap();
    assert_eq!(browser.text("entries").await, entries);
    assert_eq!(browser.text("uses").await, uses);
    browser.go(&room.url("/runs")).await;
    browser.css(".history").await;
    assert_good(&browser, "runs").await;
}

/// Sends a form without fields from a script, so that the browser stays on the page. `window.isSame` is lost if it does not.
async fn post(browser: &Browser, path: &str) {
    let script = format!(
        "window.isSame = true; fetch('{path}', {{ method: 'POST', body: new URLSearchParams({{ \
         'form-token': document.querySelector('[name=form-token]').value }}) }})"
    );
    browser.client.execute(&script, Vec::new()).await.unwrap();
}

async fn errors_say_what_to_do_and_a_waiting_run_can_be_stopped() {
    let limited = Options {
        api_requests_per_minute: Some(1),
        ..Options::default()
    };
    let (cloud, room, client) = fixture(limited).await;
    let browser = room.signed_in("de").await;
    browser.go(&room.url("/runs")).await;
    browser.css(".empty").await;
    // A run that begins elsewhere appears.
    let log = json!({ "name": "Anderswo", "steps": [{ "action": "log", "message": "x" }] });
    let elsewhere = room.bots().await.create("Anderswo", &log.to_string()).await;
    post(&browser, &format!("/bots/{}/run", elsewhere.unwrap())).await;
    browser
        .until("document.querySelector('#runs [data-state=done]') && window.isSame")
        .await;
    let request = json!({ "action": "genesys/api-request", "path": "/api/v2/organizations/me" });
    import(&browser, &room, &bot(&[request.clone(), request])).await;
    browser.press("run").await;
    browser.open_log().await;
    // The second request exceeds the rate limit.
    browser
        .until("document.getElementById('entries')?.textContent.includes('Versuch 1 ist fehlgeschlagen')")
        .await;
    assert_good(&browser, "run-waiting").await;
    browser.press("stop").await;
    until_over(&browser, "stopped").await;
    let entries = browser.text("entries").await;
    assert!(entries.contains("Bei Schritt 3 angehalten."), "{entries}");
    assert_good(&browser, "run-stopped").await;

    // The list shows the progress of a run without a reload of the page.
    browser.press("again").await;
    browser
        .until("document.getElementById('entries')?.textContent.includes('Versuch 1 ist fehlgeschlagen')")
        .await;
    let run = browser.client.current_url().await.unwrap();
    browser.go(&room.url("/runs")).await;
    browser.css("#runs [data-state=running]").await;
    post(&browser, &format!("{}/stop", run.path())).await;
    browser
        .until(
            "document.querySelectorAll('#runs [data-state=stopped]').length === 2 && window.isSame",
        )
        .await;
    assert_good(&browser, "runs").await;

    cloud.remove_client(&client.id);
    browser.go(&room.url("/bots")).await;
    import(
        &browser,
        &room,
        &bot(&[]).replace("apps.mypurecloud.de", "apps.mypurecloud.ie"),
    )
    .await;
    browser.press("run").await;
    browser.open_log().await;
    until_over(&browser, "failed").await;
    browser
        .shows("entries", &["Prüfen Sie URL, Client-ID und Geheimnis."])
        .await;
    assert_good(&browser, "run-failed").await;
    import(&browser, &room, r#"{"name": "Leer", "steps": []}"#).await;
    browser.go(&room.url("/bots")).await;
    browser.click("[aria-label='Ausführen: Leer']").await;
    browser.find("problem").await;
    assert_good(&browser, "run-mistakes").await;
}

/// A failed run of the bot `Broken` of a user.
async fn add_failed_run(room: &ControlRoom, user: &str) {
    let (name, password) = (user.parse().unwrap(), PASSWORD.into());
    let account = room.store.passwords().verify(&name, &password).await;
    let runs = room.store.runs(&account.unwrap().unwrap());
    let run = runs.begin("broken", "Broken").await.unwrap();
    runs.end(&run.id, Outcome::Failed, "[]").await.unwrap();
}

/// The bots and users of the runs that are listed with this value of one field of the filter.
async fn listed(browser: &Browser, room: &ControlRoom, field: &str, value: &str) -> Value {
    browser.go(&room.url("/runs")).await;
    if field == "state" {
        browser.choose(field, value).await;
    } else {
        browser.fill(field, value).await;
    }
    browser.click("form.filter button").await;
    browser
        .until("document.readyState === 'complete' && location.search !== ''")
        .await;
    let rows = "[...document.querySelectorAll('.history tbody tr')]\
        .map((row) => [...row.querySelectorAll('th, td:nth-of-type(1):not(.state)')].map((it) => it.textContent).join(' '))";
    browser.evaluate(rows).await
}

async fn runs_are_filtered_and_a_long_log_has_pages_and_is_downloaded() {
    let room = ControlRoom::start().await;
    room.add_designer().await;
    let (users, bob) = (room.store.users(), "bob".parse().unwrap());
    users.create(&Principal::System, &bob).await.unwrap();
    let passwords = room.store.passwords();
    let password = PASSWORD.into();
    let set = passwords.set(&Principal::System, &bob, &password);
    set.await.unwrap();
    add_failed_run(&room, "bob").await;
    add_failed_run(&room, NAME).await;
    let logs = (1..=150).map(|n| json!({ "action": "log", "message": format!("message {n}") }));
    let file = json!({ "name": "Long", "steps": logs.collect::<Vec<_>>() });
    let bots = room.bots().await;
    bots.create("Long", &file.to_string()).await.unwrap();
    let browser = room.signed_in("en").await;
    browser.look(Look::WIDE).await;
    browser.click("[aria-label='Run: Long']").await;
    until_over(&browser, "done").await;
    for (field, value, expected) in [
        ("search", "lon", json!(["Long"])),
        ("state", "failed", json!(["Broken"])),
        ("text", "MESSAGE 150", json!(["Long"])),
        ("text", "message 151", json!([])),
        ("user", "bob", json!(["Broken bob"])),
        ("user", "", json!(["Long ada", "Broken ada", "Broken bob"])),
    ] {
        let rows = listed(&browser, &room, field, value).await;
        assert_eq!(rows, expected, "{field}: {value}");
    }

    browser.click("a[href^='/runs/']").await;
    let counted = async || browser.css("nav.paging span").await.text().await;
    assert_eq!(counted().await, "101 to 150 of 150");
    browser.click("[rel=prev]").await;
    browser.css("[rel=next]").await;
    assert_eq!(counted().await, "1 to 100 of 150");
    let entries = "document.querySelectorAll('#entries li').length";
    assert_eq!(browser.evaluate(entries).await, 100);
    assert_good(&browser, "run-page").await;

    let fetched = "const done = arguments[0]; \
        const fetched = [...document.querySelectorAll('#downloads a[download]')].map(async ({ href }) => { \
            const answer = await fetch(href); \
            return [answer.headers.get('content-type'), (await answer.text()).split('message 1').length - 1]; \
        }); \
        Promise.all(fetched).then(done)";
    let fetched = browser.client.execute_async(fetched, Vec::new()).await;
    // All entries: 1, 10 to 19 and 100 to 150.
    let expected = json!([["text/plain; charset=utf-8", 62], ["application/json", 62]]);
    assert_eq!(fetched.unwrap(), expected);
}

async fn a_lost_connection_is_shown_on_the_page() {
    let limited = Options {
        api_requests_per_minute: Some(1),
        ..Options::default()
    };
    let (_cloud, room, _) = fixture(limited).await;
    let browser = room.signed_in("en").await;
    let request = json!({ "action": "genesys/api-request", "path": "/api/v2/organizations/me" });
    import(&browser, &room, &bot(&vec![request; 5])).await;
    browser.press("run").await;
    browser.open_log().await;
    let run = browser.client.current_url().await.unwrap();
    let proxy = InterruptibleProxy::before(room.pages.address()).await;
    browser.go(&proxy.url(run.path())).await;
    browser
        .until("document.getElementById('entries')?.textContent.includes('Attempt 1 failed')")
        .await;
    proxy.cut();
    browser
        .until("document.getElementById('connection').textContent.includes('No longer connected')")
        .await;
    // Nothing on the page says how the bot is doing.
    assert_eq!(browser.text("outcome").await, "Unknown");
    assert_eq!(browser.text("working").await, "");
    assert_good(&browser, "run-disconnected").await;
    proxy.restore();
    browser
        .until("document.getElementById('connection').textContent === ''")
        .await;
    assert_eq!(browser.text("outcome").await, "Running");

    // In the list, the outcome is unknown too, until the list is loaded again.
    browser.go(&proxy.url("/runs")).await;
    let list_says = async |notice: &str, state: &str| {
        let says = format!(
            "((it) => '{notice}' === '' ? it === '' : it.includes('{notice}'))\
               (document.getElementById('connection').textContent) && \
             document.querySelector('#runs tbody .state').textContent === '{state}'"
        );
        browser.until(&says).await;
    };
    list_says("", "Running").await;
    // The list is loaded once before the interruption. Afterwards it is drawn again, although nothing in it has changed.
    let keep = "window.former = document.getElementById('runs')";
    browser.client.execute(keep, Vec::new()).await.unwrap();
    browser
        .until("document.getElementById('runs') !== window.former")
        .await;
    proxy.cut();
    list_says("it cannot be loaded", "Unknown").await;
    assert_good(&browser, "runs-disconnected").await;
    proxy.restore();
    list_says("", "Running").await;
    post(&browser, "/sign-out").await;
    list_says("you are signed out", "Unknown").await;
    browser.click("#connection a").await;
    room.enter(&browser).await;
    list_says("", "Running").await;
    browser.go(&proxy.url(run.path())).await;
    browser.press("stop").await;
    until_over(&browser, "stopped").await;
}

async fn a_page_follows_a_queued_run_from_worker_to_worker() {
    let room = ControlRoom::start().await;
    room.add_designer().await;
    let browser = room.signed_in("en").await;
    let ada = room.store.passwords().named(&NAME.parse().unwrap()).await;
    let ada = ada.unwrap().unwrap();
    let (queue, pool, work) = (room.store.queue(), "inside".parse().unwrap(), "{}".into());
    let new = NewRun {
        pool: &pool,
        bot_id: "bot",
        bot: "Hello",
        work: &work,
    };
    let run = queue.submit(&ada, &new).await.unwrap();
    browser.go(&room.url(&format!("/runs/{}", run.id))).await;
    assert_eq!(browser.text("outcome").await, "Queued");
    assert_good(&browser, "run-queued").await;

    let says = async |worker: &str, text: &str| {
        let says = format!(
            "document.getElementById('outcome').textContent === 'Running' && \
             document.getElementById('worker').textContent === '{worker}' && \
             document.querySelector('#entries .text')?.textContent === '{text}' && \
             document.querySelectorAll('#entries li').length === 1"
        );
        browser.until(&says).await;
    };
    let begin = async |worker: &str, text: &str| {
        let claimed = queue.claim(&pool, worker, Duration::from_hours(1)).await;
        let claim = claimed.unwrap().unwrap().claim;
        let entry = json!({ "at": 0, "kind": "done", "step": 1, "text": text });
        let log = json!([entry]).to_string();
        queue.save_log(&claim, &log).await.unwrap();
        says(worker, text).await;
        claim
    };
    let die = async |claim: Claim| {
        queue.extend(&[claim], Duration::ZERO).await.unwrap();
        queue.sweep().await.unwrap();
    };
    die(begin("first", "Hello from the first").await).await;
    let second = begin("second", "Hello from the second").await;
    assert_good(&browser, "run-of-worker").await;
    queue.begin_step(&second, 2).await.unwrap();
    die(second).await;
    until_over(&browser, "lost").await;
    let notice = browser.text("notice").await;
    assert!(notice.contains("after step 2 had begun"), "{notice}");
    assert_good(&browser, "run-lost").await;
}

pub(crate) const TESTS: &[Test] = tests![
    from_an_empty_control_room_to_a_session_in_german,
    errors_say_what_to_do_and_a_waiting_run_can_be_stopped,
    runs_are_filtered_and_a_long_log_has_pages_and_is_downloaded,
    a_lost_connection_is_shown_on_the_page,
    a_page_follows_a_queued_run_from_worker_to_worker,
];
