//! An administrator creates a role and a user with it, who signs in.

use crate::browser::Browser;
use crate::control_room::{ControlRoom, NAME};
use crate::managing::{first_user, good};
use test_peers::{Test, tests};

const PASSWORD: &str = "noch ein Kennwort";

async fn tick(browser: &Browser, role: &str) {
    let field = format!("[name=role][value={role}]");
    browser.css(&field).await.click().await;
}

async fn the_first_user_creates_a_second_one_with_a_role_in_german() {
    let room = ControlRoom::start().await;
    let browser = Browser::open_for_loopback("de").await;
    first_user(&room, &browser).await;

    // A role, which gives access to the items.
    browser.css("nav [href='/users']").await.click().await;
    browser.press("roles").await;
    browser.fill("new-name", "bots").await;
    browser.press("create").await;
    browser.css(".empty").await;
    good(&browser, "role-that-opens-nothing").await;
    let (vault, role) = (room.store.vault(), "bots".parse().unwrap());
    for locker in ["genesys", "hotline"] {
        let locker = locker.parse().unwrap();
        let nothing = Default::default();
        vault.create_locker(&locker, &nothing).await.unwrap();
        vault.allow(&locker, &role).await.unwrap();
    }
    browser.go(&room.url("/users/role?at=bots")).await;
    good(&browser, "role").await;
    browser.go(&room.url("/users/roles")).await;
    browser.fill("new-name", "Bots").await;
    browser.press("create").await;
    assert_eq!(
        browser.text("new-error").await,
        "Es gibt bereits eine Rolle mit diesem Namen."
    );
    good(&browser, "roles").await;

    // A user with the role.
    browser.go(&room.url("/users/new")).await;
    good(&browser, "new-user").await;
    browser.fill("name", NAME).await;
    browser.fill("password", "kurz").await;
    browser.fill("again", "kürzer").await;
    browser.press("make").await;
    assert_eq!(
        browser.text("name-error").await,
        "Es gibt bereits einen Benutzer mit diesem Namen."
    );
    assert_eq!(
        browser.text("again-error").await,
        "Die beiden Kennwörter stimmen nicht überein."
    );
    assert_eq!(browser.focus().await, "name");
    good(&browser, "new-user-refused").await;
    browser.fill("name", "bob").await;
    browser.fill("password", PASSWORD).await;
    browser.fill("again", PASSWORD).await;
    browser.press("make").await;
    browser.css(".done").await;
    tick(&browser, "bots").await;
    good(&browser, "user").await;
    browser.press("save-roles").await;
    browser.done("Die Rollen sind gespeichert.").await;
    browser.go(&room.url("/users")).await;
    good(&browser, "users").await;
    browser.go(&room.url("/users/remove?at=bob")).await;
    good(&browser, "remove-user").await;
    browser.go(&room.url("/users/remove-role?at=bots")).await;
    good(&browser, "remove-role").await;

    // Administrators cannot do this to themselves.
    browser.go(&room.url("/users/user?at=ada")).await;
    tick(&browser, "administrator").await;
    browser.press("save-roles").await;
    browser
        .shows("roles-error", &["nicht selbst entziehen"])
        .await;
    good(&browser, "oneself").await;

    // In the same browser.
    browser.press("sign-out").await;
    browser.fill("name", "bob").await;
    browser.fill("password", PASSWORD).await;
    browser.press("sign-in").await;
    browser.find("create").await;
    let users = "document.querySelector(\"[href='/users']\")";
    assert!(browser.evaluate(users).await.is_null());
    browser.go(&room.url("/credentials")).await;
    let shown = browser.css("table").await.text().await;
    assert!(shown.contains("genesys"), "{shown}");
    browser.go(&room.url("/users")).await;
    assert_eq!(browser.text("problem").await, "Hier ist nichts");
}

pub(crate) const TESTS: &[Test] =
    tests![the_first_user_creates_a_second_one_with_a_role_in_german,];
