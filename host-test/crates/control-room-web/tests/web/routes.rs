//! All that the pages answer, in one table, with who is answered. What all of it keeps to is in `rules`.

use control_room::Principal;
use egress::{AllowList, Options};

use crate::client::{Answer, ControlRoom, PASSWORD, Visitor, name};
use crate::managing::furnished;
use Of::{Administrators, Anybody, Everybody, Owner};

/// Who is answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Of {
    /// Signed in or not.
    Anybody,
    /// Whoever is signed in.
    Everybody,
    /// Whose bot or run it is, and not even administrators.
    Owner,
    /// Administrators; others where a role or a locker says so, which none does here.
    Administrators,
}

enum Sends {
    Nothing,
    Form(&'static [(&'static str, &'static str)]),
    Json(&'static str),
}

pub(crate) struct Address {
    pub(crate) at: &'static str,
    pub(crate) of: Of,
    sends: Sends,
}

const fn page(of: Of, at: &'static str) -> Address {
    let sends = Sends::Nothing;
    Address { at, of, sends }
}

const fn form(
    of: Of,
    at: &'static str,
    fields: &'static [(&'static str, &'static str)],
) -> Address {
    let sends = Sends::Form(fields);
    Address { at, of, sends }
}

const fn json(of: Of, at: &'static str, body: &'static str) -> Address {
    let sends = Sends::Json(body);
    Address { at, of, sends }
}

/// With what there is in [`scene`]. What removes something comes after what needs it.
pub(crate) const ADDRESSES: &[Address] = &[
    page(Anybody, "/"),
    page(Anybody, "/sign-in"),
    page(Anybody, "/first-run"),
    form(
        Anybody,
        "/first-run",
        &[("link", ""), ("name", "x"), ("password", ""), ("again", "")],
    ),
    form(
        Anybody,
        "/language",
        &[("language", "de"), ("place", "/bots")],
    ),
    page(Anybody, "/static/{name}"),
    page(Everybody, "/session"),
    page(Everybody, "/bots"),
    form(Everybody, "/bots", &[("name", "x")]),
    page(Everybody, "/bots/import"),
    form(Everybody, "/bots/import", &[("file", FILE)]),
    json(Everybody, "/bots/check", r#"{"file": "{}"}"#),
    json(
        Everybody,
        "/bots/new",
        r#"{"file": "{\"name\": \"x\", \"steps\": []}"}"#,
    ),
    page(Owner, "/bots/{id}"),
    json(
        Owner,
        "/bots/{id}",
        r#"{"version": 1, "file": "{\"name\": \"x\", \"steps\": []}"}"#,
    ),
    page(Owner, "/bots/{id}/file"),
    form(Owner, "/bots/{id}/duplicate", &[]),
    form(Owner, "/bots/{id}/run", &[]),
    page(Owner, "/bots/{id}/delete"),
    form(Owner, "/bots/{id}/delete", &[]),
    page(Everybody, "/runs"),
    page(Owner, "/runs/{id}"),
    page(Owner, "/runs/{id}/events"),
    form(Owner, "/runs/{id}/stop", &[]),
    page(Everybody, "/vault/lockers"),
    page(Everybody, "/vault/credentials?locker=genesys"),
    page(Everybody, "/credentials"),
    form(Administrators, "/credentials", &[("name", "x")]),
    page(Everybody, "/credentials/uses"),
    page(Administrators, "/credentials/locker?at=genesys"),
    form(
        Administrators,
        "/credentials/locker?at=genesys",
        &[("name", "x")],
    ),
    page(Administrators, "/credentials/settings?at=genesys"),
    form(
        Administrators,
        "/credentials/settings?at=genesys",
        &[("name", "genesys")],
    ),
    form(
        Administrators,
        "/credentials/roles?at=genesys",
        &[("role", "bots")],
    ),
    form(
        Administrators,
        "/credentials/owners?at=genesys",
        &[("owner", "ada")],
    ),
    page(Administrators, "/credentials/credential?at=genesys/hello"),
    form(
        Administrators,
        "/credentials/credential?at=genesys/hello",
        &[("name", "x")],
    ),
    page(
        Administrators,
        "/credentials/attribute?at=genesys/hello/secret",
    ),
    form(
        Administrators,
        "/credentials/attribute?at=genesys/hello/secret",
        &[],
    ),
    page(Administrators, "/credentials/value?at=genesys/hello/secret"),
    form(
        Administrators,
        "/credentials/value?at=genesys/hello/secret",
        &[("kind", "standard"), ("value", "x")],
    ),
    page(
        Administrators,
        "/credentials/remove-attribute?at=genesys/hello/secret",
    ),
    form(
        Administrators,
        "/credentials/remove-attribute?at=genesys/hello/secret",
        &[],
    ),
    page(
        Administrators,
        "/credentials/remove-credential?at=genesys/hello",
    ),
    form(
        Administrators,
        "/credentials/remove-credential?at=genesys/hello",
        &[],
    ),
    page(Administrators, "/credentials/remove-locker?at=genesys"),
    form(Administrators, "/credentials/remove-locker?at=genesys", &[]),
    page(Everybody, "/connections"),
    page(Everybody, "/connections/offers"),
    page(Everybody, "/connections/sign-in/outcome"),
    page(Administrators, "/connections/new"),
    form(Administrators, "/connections/new", &[("name", "x")]),
    page(Administrators, "/connections/connection?at=prod"),
    page(Administrators, "/connections/edit?at=prod"),
    form(
        Administrators,
        "/connections/edit?at=prod",
        &[("name", "x")],
    ),
    form(
        Administrators,
        "/connections/roles?at=prod",
        &[("role", "bots")],
    ),
    page(Administrators, "/connections/test?at=prod"),
    form(
        Administrators,
        "/connections/test?at=prod",
        &[("whose", "shared")],
    ),
    page(Administrators, "/connections/sign-in?at=prod"),
    form(
        Administrators,
        "/connections/sign-in?at=prod",
        &[("whose", "shared")],
    ),
    page(Administrators, "/connections/paste?at=prod"),
    form(
        Administrators,
        "/connections/paste?at=prod",
        &[("callback", "x")],
    ),
    page(Administrators, "/connections/remove?at=prod"),
    form(Administrators, "/connections/remove?at=prod", &[]),
    page(Administrators, "/genesys"),
    page(Administrators, "/users"),
    page(Administrators, "/users/new"),
    form(
        Administrators,
        "/users/new",
        &[("name", "x"), ("password", PASSWORD), ("again", PASSWORD)],
    ),
    page(Administrators, "/users/user?at=eve"),
    page(Administrators, "/users/roles-of-user?at=eve"),
    form(
        Administrators,
        "/users/roles-of-user?at=eve",
        &[("role", "administrator")],
    ),
    page(Administrators, "/users/password?at=eve"),
    form(
        Administrators,
        "/users/password?at=eve",
        &[("password", PASSWORD), ("again", PASSWORD)],
    ),
    page(Administrators, "/users/remove?at=eve"),
    form(Administrators, "/users/remove?at=eve", &[]),
    page(Administrators, "/users/roles"),
    form(Administrators, "/users/roles", &[("name", "x")]),
    page(Administrators, "/users/role?at=spare"),
    page(Administrators, "/users/remove-role?at=spare"),
    form(Administrators, "/users/remove-role?at=spare", &[]),
    form(
        Anybody,
        "/sign-in",
        &[("name", "ada"), ("password", PASSWORD)],
    ),
    form(Anybody, "/sign-out", &[]),
];

pub(crate) const FILE: &str =
    r#"{"name": "Hello", "steps": [{"action": "log", "message": "Canary of a log"}]}"#;

/// One of each thing: `ada` is an administrator; `bob` has a bot, which has run.
pub(crate) struct Scene {
    pub(crate) room: ControlRoom,
    pub(crate) ada: Visitor,
    pub(crate) bob: Visitor,
    pub(crate) bot: String,
    run: String,
}

pub(crate) async fn scene() -> Scene {
    let (room, _) = furnished().await;
    room.let_in("eve").await;
    room.store
        .users()
        .create_role(&Principal::System, &name("spare"))
        .await
        .unwrap();
    let ada = room.signed_in("ada").await;
    let mut bob = room.signed_in("bob").await;
    let imported = bob.post("/bots/import", &[("file", FILE)]).await;
    let bot = imported.header("location").unwrap().to_owned();
    let started = bob.post(&format!("{bot}/run"), &[]).await;
    let run = started.header("location").unwrap().to_owned();
    bob.get(&format!("{run}/events")).await;
    Scene {
        room,
        ada,
        bob,
        bot,
        run,
    }
}

impl Address {
    pub(crate) fn is_page(&self) -> bool {
        matches!(self.sends, Sends::Nothing)
    }

    /// What the router calls it.
    pub(crate) fn route(&self) -> String {
        let method = if self.is_page() { "GET" } else { "POST" };
        let path = self.at.split('?').next().unwrap_or_default();
        format!("{method} {path}")
    }

    pub(crate) async fn ask(&self, visitor: &mut Visitor, [bot, run]: &[String; 2]) -> Answer {
        let at = self
            .at
            .replace("/bots/{id}", bot)
            .replace("/runs/{id}", run);
        let at = at.replace("{name}", "editor.js");
        match self.sends {
            Sends::Nothing => visitor.get(&at).await,
            Sends::Form(fields) => visitor.post(&at, fields).await,
            Sends::Json(body) => {
                let body = serde_json::from_str(body).unwrap();
                visitor.post_json(&at, &body).await
            }
        }
    }
}

impl Scene {
    pub(crate) fn things(&self) -> [String; 2] {
        [self.bot.clone(), self.run.clone()]
    }

    /// Somebody who may.
    pub(crate) fn who_may(&mut self, address: &Address) -> &mut Visitor {
        match address.of {
            Administrators => &mut self.ada,
            Anybody | Everybody | Owner => &mut self.bob,
        }
    }

    /// What is answered to every request: a page to who may see it, and a form without its token.
    pub(crate) async fn answers(&mut self) -> Vec<(String, Answer)> {
        let things = self.things();
        let mut answers = Vec::new();
        for address in ADDRESSES {
            let visitor = self.who_may(address);
            visitor.form_token = String::new();
            answers.push((address.route(), address.ask(visitor, &things).await));
        }
        answers
    }

    /// All that could have been changed.
    pub(crate) async fn whole(&self) -> String {
        let store = &self.room.store;
        let (passwords, password) = (store.passwords(), PASSWORD.into());
        let account = passwords.verify(&name("bob"), &password).await;
        let account = account.unwrap().unwrap();
        let bots = store.bots(&account).list("", 0, 100).await.unwrap();
        let vault = store.vault();
        let connections = store.connections(Options::new(AllowList::default()));
        format!(
            "{:?} {:?} {:?} {:?} {:?} {:?}",
            bots,
            vault.lockers().await.unwrap(),
            vault.credentials(&name("genesys")).await.unwrap(),
            connections.list().await.unwrap(),
            store.users().list().await.unwrap(),
            store.users().roles().await.unwrap(),
        )
    }
}
