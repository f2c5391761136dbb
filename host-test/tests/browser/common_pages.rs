//! The pages of the Control Room other than the editor: accessibility, and escaping of texts.

use control_room::connections::Changes;
use egress::{AllowList, Options};
use test_peers::{Test, tests};

use crate::browser::{Browser, Look};
use crate::control_room::ControlRoom;
use crate::editor::sign_out_elsewhere;
use crate::pages::assert_good;

/// Text that would run if a page did not escape it.
const EVIL: &str = "\"'><img src=x onerror=\"window.evil=1\"><script>window.evil=1</script>";

async fn the_other_pages_are_accessible() {
    let room = ControlRoom::start().await;
    room.add_designer().await;
    let browser = Browser::open_for_loopback("en").await;
    browser.go(&room.url("/sign-in")).await;
    browser.fill("name", "ada").await;
    browser.fill("password", "wrong wrong wrong").await;
    browser.press("sign-in").await;
    assert_eq!(
        browser.text("error").await,
        "The user name or the password is incorrect."
    );
    assert_eq!(browser.focus().await, "password");
    assert_good(&browser, "not-signed-in").await;
    room.enter(&browser).await;
    browser.find("create").await;
    browser.go(&room.url("/nothing")).await;
    browser.find("problem").await;
    assert_good(&browser, "nothing").await;

    browser.go(&room.url("/bots/import")).await;
    browser.fill("file", "{").await;
    browser.press("import").await;
    browser.find("file-error").await;
    assert_good(&browser, "not-imported").await;
    let bots = room.bots().await;
    for number in 1..=60 {
        let name = format!("Bot {number}");
        let file = format!("{{\"name\": \"{name}\", \"steps\": []}}");
        bots.create(&name, &file).await.unwrap();
    }
    browser.go(&room.url("/bots")).await;
    browser.css("[rel=next]").await;
    assert_good(&browser, "many-bots").await;
    let delete = browser.css("[href$='/delete']").await;
    let label = delete.attr("aria-label").await.unwrap();
    let (_, bot) = label.split_once(": ").unwrap();
    delete.click().await;
    browser.find("delete").await;
    let question = browser.css("main h1").await.text().await;
    assert_eq!(question, format!("Delete the bot “{bot}”?"));
    assert_good(&browser, "delete").await;
    browser.press("delete").await;
    browser.find("create").await;

    // The language of the page that is shown.
    browser.go(&room.url("/bots?page=2")).await;
    browser.press("language").await;
    browser.css("html[lang=de]").await;
    let place = browser.client.current_url().await.unwrap();
    assert_eq!(place.query(), Some("page=2"));
}

async fn the_guides_are_at_hand_and_a_form_leads_to_the_section_of_its_action() {
    let room = ControlRoom::start().await;
    room.add_designer().await;
    let browser = room.signed_in("de").await;
    browser.click("a[href='/learn']").await;
    for guide in ["designers", "bot-file", "operators"] {
        browser.click(&format!("a[href='/learn/{guide}']")).await;
        browser
            .css(&format!("[aria-current=page][href$={guide}]"))
            .await;
        assert_good(&browser, &format!("guide-{guide}")).await;
    }
    browser.look(Look::WIDE).await;
    browser.go(&room.url("/bots")).await;
    browser.press("first-bot").await;
    browser.find("steps").await;
    browser.select(2).await;
    let link = "document.querySelector('#fields [href^=\"/learn/\"]').href";
    let link = browser.evaluate(link).await;
    browser.go(link.as_str().unwrap()).await;
    let heading = "document.querySelector(':target').textContent";
    assert_eq!(browser.evaluate(heading).await, "genesys/api-request");
    let shown = "document.querySelector(':target').getBoundingClientRect().top < innerHeight";
    assert_eq!(browser.evaluate(shown).await, true);
}

/// The word "custom" is reserved for connections of the Control Room.
async fn the_word_custom_means_connections_only() {
    let room = ControlRoom::start().await;
    room.add_designer().await;
    let sign_in = r#"{ "action": "genesys/oauth-authenticate", "authentication-type": "control-room-connection" }"#;
    let file = format!("{{\"name\": \"Hello\", \"steps\": [{sign_in}]}}");
    let bot = room.bots().await.create("Hello", &file).await.unwrap();
    let browser = room.signed_in("en").await;
    let others = [
        ("en", r"/\bcustom\b(?! connection)/i"),
        ("de", r"/\bcustom\b|benutzerdefiniert(?!en? Verbindung)/i"),
    ];
    for (language, other) in others {
        if language == "de" {
            browser.press("language").await;
            browser.css("html[lang=de]").await;
        }
        let mut found = 0;
        for path in [
            "/bots",
            &format!("/bots/{bot}"),
            &format!("/bots/{bot}/versions"),
            &format!("/bots/{bot}/delete"),
            "/bots/import",
            "/runs",
            "/credentials",
            "/credentials/locker?at=genesys",
            "/credentials/settings?at=genesys",
            "/credentials/new?at=genesys",
            "/credentials/credential?at=genesys/hello-bot",
            "/credentials/attribute?at=genesys/hello-bot/client-id",
            "/credentials/uses",
            "/connections",
            "/connections/new",
            "/connections/connection?at=genesys-prod",
            "/connections/edit?at=genesys-prod",
            "/connections/remove?at=genesys-prod",
            "/users",
            "/users/new",
            "/users/user?at=ada",
            "/users/roles",
            "/users/role?at=bots",
            "/learn/designers",
            "/learn/bot-file",
            "/learn/operators",
        ] {
            browser.go(&room.url(path)).await;
            browser.css(&format!("html[lang={language}]")).await;
            // Hidden texts and the messages of the editor count too.
            let texts = "(document.querySelector('main').textContent + document.getElementById('editor')?.dataset.texts)";
            let of_others = browser.evaluate(&format!("{other}.exec({texts})")).await;
            assert!(of_others.is_null(), "{path}: {of_others}");
            let named = format!("/custom|benutzerdef/i.test({texts})");
            found += u32::from(browser.evaluate(&named).await == true);
        }
        assert!(found >= 2, "{language}: only {found} pages");
    }
}

async fn a_form_that_is_sent_after_the_session_ended_keeps_what_was_typed() {
    let room = ControlRoom::start().await;
    room.add_designer().await;
    let browser = room.signed_in("en").await;
    browser.go(&room.url("/bots/import")).await;
    browser
        .fill("file", r#"{"name": "Typed", "steps": []}"#)
        .await;
    let [first, second] = sign_out_elsewhere(&room, &browser).await;
    browser.press("import").await;
    browser
        .until("!document.getElementById('signed-out').hidden")
        .await;
    assert_good(&browser, "form-signed-out").await;
    browser.switch_to(&second).await;
    room.enter(&browser).await;
    browser.find("create").await;
    browser.switch_to(&first).await;
    // The form is sent once, however often the button is pressed.
    let twice = "const real = window.fetch; \
        window.fetch = (...all) => { \
          sessionStorage.checks = 1 + Number(sessionStorage.checks ?? 0); \
          return real(...all); \
        }; \
        const button = document.getElementById('import'); \
        button.click(); \
        button.click()";
    browser.client.execute(twice, Vec::new()).await.unwrap();
    browser.find("steps").await;
    assert_eq!(browser.exported().await["name"], "Typed");
    assert_eq!(browser.evaluate("sessionStorage.checks").await, "1");
}

async fn a_form_is_sent_once_while_its_answer_is_awaited() {
    let room = ControlRoom::start().await;
    room.add_designer().await;
    let browser = room.signed_in("en").await;
    browser.go(&room.url("/bots/import")).await;
    browser
        .fill("file", r#"{"name": "Once", "steps": []}"#)
        .await;
    // The answer goes to a frame, so that this page stays, as it does while a slow answer is awaited.
    let press = "const frame = document.createElement('iframe'); \
        frame.name = 'answer'; \
        document.body.append(frame); \
        document.querySelector('form[action=\"/bots/import\"]').target = 'answer'; \
        const real = window.fetch; \
        window.checks = window.sent = 0; \
        window.fetch = (...all) => { window.checks += 1; return real(...all); }; \
        window.addEventListener('submit', (event) => { window.sent += !event.defaultPrevented; }); \
        document.getElementById('import').click()";
    browser.client.execute(press, Vec::new()).await.unwrap();
    browser.until("window.sent === 1").await;
    let again = "(document.getElementById('import').click(), [window.checks, window.sent])";
    assert_eq!(browser.evaluate(again).await, serde_json::json!([1, 1]));
}

async fn texts_of_bots_and_the_vault_are_escaped_in_the_editor() {
    let room = ControlRoom::start().await;
    room.add_designer().await;
    // Names must not contain slashes.
    let name = EVIL.replace('/', "").chars().take(50).collect::<String>();
    let locker = name.parse().unwrap();
    let vault = room.store.vault();
    vault
        .create_locker(&locker, &Default::default())
        .await
        .unwrap();
    vault
        .allow(&locker, &"bots".parse().unwrap())
        .await
        .unwrap();
    let prod = "genesys-prod".parse().unwrap();
    let changes = Changes {
        name: Some(name.parse().unwrap()),
        ..Changes::default()
    };
    let nowhere = Options::new(AllowList::default());
    let connections = room.store.connections(nowhere);
    connections.edit(&prod, &changes).await.unwrap();
    let browser = room.signed_in("en").await;
    let file = serde_json::json!({ "name": "evil", EVIL: EVIL, "steps": [
        { "action": "genesys/oauth-authenticate", "url": EVIL, "session-name": EVIL,
          "client-id": { "insecure-string": EVIL }, "client-secret": { "variable": EVIL } },
        { "action": "log", "message": format!("{{{EVIL}}}") },
        { "action": "genesys/api-request", "path": EVIL, "output": EVIL, "session-name": EVIL },
        { "action": EVIL, EVIL: EVIL },
        { "action": "genesys/oauth-authenticate", "authentication-type": "control-room-connection",
          "connection": { "oauth-connection": EVIL }, "token-type": EVIL, "session": EVIL }
    ]});
    browser.go(&room.url("/bots/import")).await;
    let script = "document.getElementById('file').value = arguments[0]";
    let file = file.to_string();
    browser
        .client
        .execute(script, vec![file.into()])
        .await
        .unwrap();
    browser.press("import").await;
    browser.look(Look::WIDE).await;
    assert!(browser.checked().await.contains("mistakes"));
    for step in 1..=5 {
        browser.press(&format!("step-{step}")).await;
        browser
            .until(&format!(
                "document.getElementById('step-{step}').ariaPressed === 'true'"
            ))
            .await;
    }
    browser
        .until("document.getElementById('field-connection').options.length === 3")
        .await;
    browser
        .find("field-connection")
        .await
        .select_by_index(2)
        .await;
    browser.press("step-1").await;
    browser.press("field-client-secret-credential").await;
    browser.choose_first("field-client-secret-locker").await;
    browser.press("step-4-remove").await;
    browser.fill("bot-name", EVIL).await;
    browser.save().await;
    assert_eq!(browser.exported().await["name"], EVIL);
    let evil = browser
        .evaluate("[window.evil, document.querySelector('main img, main script')]")
        .await;
    assert_eq!(evil, serde_json::json!([null, null]));
}

pub(crate) const TESTS: &[Test] = tests![
    the_other_pages_are_accessible,
    the_guides_are_at_hand_and_a_form_leads_to_the_section_of_its_action,
    the_word_custom_means_connections_only,
    a_form_that_is_sent_after_the_session_ended_keeps_what_was_typed,
    a_form_is_sent_once_while_its_answer_is_awaited,
    texts_of_bots_and_the_vault_are_escaped_in_the_editor,
];
