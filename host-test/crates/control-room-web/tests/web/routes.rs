//! All routes of the pages in one table, each with its audience. The rules that hold for all of them are in `rules`.

use control_room::Principal;
use egress::{AllowList, Options};

use crate::client::{Answer, Client, ControlRoom, PASSWORD, name};
use crate::managing::room_with_cloud;
use Audience::{Administrators, Anybody, Everybody, Owner};

/// Who may use a route.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Audience {
    /// Also without a sign-in.
    Anybody,
    /// Every signed-in user.
    Everybody,
    /// Only the owner of the bot or run, not even administrators.
    Owner,
    /// Administrators; others only by a role or as an owner, which nobody is here.
    Administrators,
}

enum Sends {
    Nothing,
    Form(&'static [(&'static str, &'static str)]),
    Json(&'static str),
}

pub(crate) struct Route {
    pub(crate) at: &'static str,
    pub(crate) of: Audience,
    sends: Sends,
}

const fn page(of: Audience, at: &'static str) -> Route {
    let sends = Sends::Nothing;
    Route { at, of, sends }
}

const fn form(
    of: Audience,
    at: &'static str,
    fields: &'static [(&'static str, &'static str)],
) -> Route {
    let sends = Sends::Form(fields);
    Route { at, of, sends }
}

const fn json(of: Audience, at: &'static str, body: &'static str) -> Route {
    let sends = Sends::Json(body);
    Route { at, of, sends }
}

/// All routes, for items that exist in [`fixture`]. Removals come after the routes that need the item.
pub(crate) const ROUTES: &[Route] = &[
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
    page(Anybody, "/static/{version}/{name}"),
    page(Anybody, "/healthz"),
    page(Anybody, "/readyz"),
    page(Everybody, "/session"),
    page(Everybody, "/bots"),
    form(Everybody, "/bots", &[("name", "x")]),
    form(Everybody, "/bots/first", &[]),
    page(Everybody, "/bots/import"),
    form(Everybody, "/bots/import", &[("file", FILE)]),
    json(Everybody, "/bots/check", r#"{"file": "{}"}"#),
    json(
        Everybody,
        "/bots/new",
        r#"{"file": "{\"name\": \"x\", \"steps\": []}"}"#,
    ),
    // While its bot has steps.
    form(
        Owner,
        "/bots/{id}/schedule",
        &[("cron", "0 9 * * *"), ("zone", "UTC")],
    ),
    page(Owner, "/bots/{id}"),
    json(
        Owner,
        "/bots/{id}",
        r#"{"version": 1, "file": "{\"name\": \"x\", \"steps\": []}"}"#,
    ),
    json(
        Owner,
        "/bots/{id}/test",
        r#"{"file": "{\"name\": \"x\", \"steps\": []}"}"#,
    ),
    // The version after the save.
    json(Owner, "/bots/{id}/runs", r#"{"version":2}"#),
    page(Owner, "/bots/{id}/versions"),
    page(Owner, "/bots/{id}/versions/{number}"),
    form(Owner, "/bots/{id}/versions/{number}", &[("version", "2")]),
    page(Owner, "/bots/{id}/file"),
    form(Owner, "/bots/{id}/duplicate", &[]),
    form(Owner, "/bots/{id}/run", &[]),
    page(Owner, "/bots/{id}/delete"),
    page(Owner, "/bots/{id}/run"),
    page(Owner, "/bots/{id}/schedule"),
    page(Everybody, "/schedules"),
    form(Owner, "/schedules/{id}/pause", &[]),
    form(Owner, "/schedules/{id}/resume", &[]),
    form(Owner, "/schedules/{id}/remove", &[]),
    page(Everybody, "/runs"),
    page(Administrators, "/workers"),
    page(Owner, "/runs/{id}"),
    page(Owner, "/runs/{id}/events"),
    page(Owner, "/runs/{id}/log/{format}"),
    form(Owner, "/runs/{id}/stop", &[]),
    form(Owner, "/bots/{id}/delete", &[]),
    page(Everybody, "/learn"),
    page(Everybody, "/learn/{guide}"),
    page(Everybody, "/vault/lockers"),
    page(Everybody, "/vault/credentials?locker=genesys"),
    json(
        Administrators,
        "/vault/credentials",
        r#"{"locker": "genesys", "roles": null, "credential": "x",
            "attributes": {"secret": {"name": "x", "masked": true, "value": "x"}}}"#,
    ),
    page(Everybody, "/credentials"),
    form(Administrators, "/credentials", &[("name", "x")]),
    page(Everybody, "/credentials/uses"),
    page(Administrators, "/credentials/locker?at=genesys"),
    page(Administrators, "/credentials/new?at=genesys"),
    form(
        Administrators,
        "/credentials/new?at=genesys",
        &[
            ("credential", "y"),
            ("attribute-1-name", "secret"),
            ("attribute-1-value", "x"),
        ],
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
        "/credentials/remove-value?at=genesys/hello/secret",
    ),
    form(
        Administrators,
        "/credentials/remove-value?at=genesys/hello/secret",
        &[("kind", "standard")],
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
    json(
        Administrators,
        "/connections/offers",
        r#"{"connection": {"name": "y", "environment": "mypurecloud.de", "client-id": "x", "client-secret": "x"},
            "roles": ["administrator"]}"#,
    ),
    page(Everybody, "/connections/sign-in/outcome"),
    page(Anybody, "/connections/sign-in/confirm?sign-in=x"),
    form(
        Everybody,
        "/connections/sign-in/confirm?sign-in=x",
        &[("store", "yes")],
    ),
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

/// One item of each kind. `ada` is an administrator; `bob` has a bot that has run.
pub(crate) struct Fixture {
    pub(crate) room: ControlRoom,
    pub(crate) ada: Client,
    pub(crate) bob: Client,
    pub(crate) bot: String,
    run: String,
    schedule: String,
}

pub(crate) async fn fixture() -> Fixture {
    let (room, _) = room_with_cloud().await;
    room.create_user("eve").await;
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
    let times = [("cron", "0 9 * * *"), ("zone", "UTC")];
    bob.post(&format!("{bot}/schedule"), &times).await;
    let bob_account = room.store.passwords().named(&name("bob")).await;
    let schedules = room.store.schedules(&bob_account.unwrap().unwrap());
    let schedule = schedules.list().await.unwrap().remove(0).id;
    Fixture {
        room,
        ada,
        bob,
        bot,
        run,
        schedule: format!("/schedules/{schedule}"),
    }
}

impl Route {
    pub(crate) fn is_page(&self) -> bool {
        matches!(self.sends, Sends::Nothing)
    }

    /// The name of the route in the router's list.
    pub(crate) fn route(&self) -> String {
        let method = if self.is_page() { "GET" } else { "POST" };
        let path = self.at.split('?').next().unwrap_or_default();
        format!("{method} {path}")
    }

    pub(crate) async fn ask(
        &self,
        client: &mut Client,
        [bot, run, schedule]: &[String; 3],
    ) -> Answer {
        let at = self
            .at
            .replace("/bots/{id}", bot)
            .replace("/runs/{id}", run)
            .replace("/schedules/{id}", schedule);
        // The requests that change something save the bot first.
        let version = if self.is_page() { "1" } else { "2" };
        let at = at
            .replace("{name}", "editor.js")
            .replace("{guide}", "bot-file")
            .replace("{number}", version)
            .replace("{format}", "txt")
            .replace("{version}", "other");
        match self.sends {
            Sends::Nothing => client.get(&at).await,
            Sends::Form(fields) => client.post(&at, fields).await,
            Sends::Json(body) => {
                let body = serde_json::from_str(body).unwrap();
                client.post_json(&at, &body).await
            }
        }
    }
}

impl Fixture {
    pub(crate) fn ids(&self) -> [String; 3] {
        [self.bot.clone(), self.run.clone(), self.schedule.clone()]
    }

    /// The client of a user who may use the route.
    pub(crate) fn client_for(&mut self, route: &Route) -> &mut Client {
        match route.of {
            Administrators => &mut self.ada,
            Anybody | Everybody | Owner => &mut self.bob,
        }
    }

    /// The responses of all routes: of pages for permitted users, of forms without their token.
    pub(crate) async fn answers(&mut self) -> Vec<(String, Answer)> {
        let ids = self.ids();
        let mut answers = Vec::new();
        for route in ROUTES {
            let client = self.client_for(route);
            client.form_token = String::new();
            answers.push((route.route(), route.ask(client, &ids).await));
        }
        answers
    }

    /// The whole state that a request could have changed.
    pub(crate) async fn snapshot(&self) -> String {
        let store = &self.room.store;
        let (passwords, password) = (store.passwords(), PASSWORD.into());
        let account = passwords.verify(&name("bob"), &password).await;
        let account = account.unwrap().unwrap();
        let bots = store.bots(&account).list("", 0, 100).await.unwrap();
        let vault = store.vault();
        let connections = store.connections(Options::new(AllowList::default()));
        format!(
            "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            bots,
            store.schedules(&account).list().await.unwrap(),
            vault.lockers().await.unwrap(),
            vault.credentials(&name("genesys")).await.unwrap(),
            connections.list().await.unwrap(),
            store.users().list().await.unwrap(),
            store.users().roles().await.unwrap(),
        )
    }
}
