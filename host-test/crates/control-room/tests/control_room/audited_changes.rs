//! Each change writes one event, in its own transaction; what fails writes none.

use control_room::Principal;
use control_room::audit_events::{Action, Event, EventFilter};
use control_room::connections::{Changes, Settings};
use control_room::oauth::{Grant, Provider, Registration, Scopes};
use control_room::vault::Kind;
use control_room::{Name, Store};

use super::support::{attribute, connections, name, open, path};

async fn events(store: &Store) -> Vec<Event> {
    let audit = store.audit();
    audit
        .events(&EventFilter::default(), None, 1000)
        .await
        .unwrap()
}

/// The events since the last call, as action, subject and actor.
struct Log<'a> {
    store: &'a Store,
    seen: usize,
}

impl Log<'_> {
    async fn one(&mut self, action: Action, subject: &str, actor: Option<&str>) {
        let events = events(self.store).await;
        assert_eq!(events.len(), self.seen + 1, "{subject}: {events:?}");
        self.seen += 1;
        let Event {
            actor: by,
            action: done,
            subject: what,
            ..
        } = &events[0];
        assert_eq!(
            (*done, what.as_str(), by.as_ref().map(Name::shown)),
            (action, subject, actor)
        );
    }

    async fn none(&self) {
        assert_eq!(events(self.store).await.len(), self.seen);
    }
}

#[tokio::test]
async fn each_change_of_users_and_roles_writes_one_event() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    let mut log = Log {
        store: &store,
        seen: 0,
    };
    let (users, passwords) = (store.users(), store.passwords());
    let (ada, bots, system) = (name("Ada"), name("Bots"), Principal::System);
    let password = "correct horse & battery".into();
    passwords.create_first_user(&ada, &password).await.unwrap();
    log.one(Action::UserCreated, "Ada", Some("Ada")).await;
    let by = Principal::Administrator(ada.clone());
    passwords
        .create_user(&by, &name("Bob"), &password)
        .await
        .unwrap();
    log.one(Action::UserCreated, "Bob", Some("Ada")).await;
    passwords.set(&by, &name("BOB"), &password).await.unwrap();
    log.one(Action::PasswordSet, "Bob", Some("Ada")).await;
    users.create(&system, &name("Eve")).await.unwrap();
    log.one(Action::UserCreated, "Eve", None).await;
    users.create_role(&by, &bots).await.unwrap();
    log.one(Action::RoleCreated, "Bots", Some("Ada")).await;
    let bob = name("bob");
    users.grant(&bob, &name("bots")).await.unwrap();
    log.one(Action::RolesChanged, "Bob: +Bots", None).await;
    users.revoke(&bob, &name("bots")).await.unwrap();
    log.one(Action::RolesChanged, "Bob: -Bots", None).await;
    users
        .set_roles(&by, &bob, std::slice::from_ref(&bots))
        .await
        .unwrap();
    log.one(Action::RolesChanged, "Bob: Bots", Some("Ada"))
        .await;
    assert!(users.create(&by, &name("EVE")).await.is_err());
    assert!(users.remove(&by, &ada).await.is_err());
    assert!(users.grant(&name("nobody"), &bots).await.is_err());
    assert!(
        users
            .create(&Principal::Administrator(bob), &name("x"))
            .await
            .is_err()
    );
    log.none().await;
    users.remove(&by, &name("eve")).await.unwrap();
    log.one(Action::UserRemoved, "Eve", Some("Ada")).await;
    users.remove_role(&system, &name("BOTS")).await.unwrap();
    log.one(Action::RoleRemoved, "Bots", None).await;
    store.rotate_key().await.unwrap();
    log.one(Action::KeyRotated, "", None).await;
}

#[tokio::test]
async fn each_change_of_the_vault_writes_one_event() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    let (users, system, ada) = (store.users(), Principal::System, name("Ada"));
    users.create(&system, &ada).await.unwrap();
    users.create_role(&system, &name("Bots")).await.unwrap();
    users.grant(&ada, &name("bots")).await.unwrap();
    let mut log = Log {
        store: &store,
        seen: 3,
    };
    let by = Principal::Administrator(ada.clone());
    let vault = store.vault().changed_by(&by);
    let (sales, bots, nothing) = (name("sales"), name("bots"), Default::default());
    let actor = Some("Ada");
    vault.create_locker(&name("Sales"), &nothing).await.unwrap();
    log.one(Action::LockerCreated, "Sales", actor).await;
    vault.allow(&sales, &bots).await.unwrap();
    log.one(Action::LockerChanged, "Sales: +Bots", actor).await;
    vault.forbid(&sales, &bots).await.unwrap();
    log.one(Action::LockerChanged, "Sales: -Bots", actor).await;
    vault.set_roles(&sales, &[bots]).await.unwrap();
    log.one(Action::LockerChanged, "Sales: =Bots", actor).await;
    vault.add_owner(&sales, &name("ada")).await.unwrap();
    log.one(Action::LockerChanged, "Sales: +Ada as an owner", actor)
        .await;
    vault.remove_owner(&sales, &name("ada")).await.unwrap();
    log.one(Action::LockerChanged, "Sales: -Ada as an owner", actor)
        .await;
    vault.set_owners(&sales, &[name("ada")]).await.unwrap();
    log.one(Action::LockerChanged, "Sales: =Ada as owners", actor)
        .await;
    let hello = "sales/Hello".parse().unwrap();
    vault.create_credential(&hello, &nothing).await.unwrap();
    log.one(Action::CredentialChanged, "Sales/Hello", actor)
        .await;
    let secret = path("sales/hello/Secret");
    vault
        .create_attribute(&secret, &Default::default())
        .await
        .unwrap();
    let whole = "Sales/Hello/Secret";
    log.one(Action::CredentialChanged, whole, actor).await;
    let secret = path("sales/hello/secret");
    vault
        .set_attribute(&secret, &Default::default())
        .await
        .unwrap();
    log.one(Action::CredentialChanged, whole, actor).await;
    let value = "canary".into();
    vault.set_value(&secret, &by, &value).await.unwrap();
    log.one(Action::ValueChanged, whole, actor).await;
    vault.remove_value(&secret, &by).await.unwrap();
    log.one(Action::ValueChanged, whole, actor).await;
    // At the command line, on behalf of a user.
    attribute(&store, "sales/hello/own", Kind::UserProvided).await;
    log.one(Action::CredentialChanged, "Sales/Hello/own", None)
        .await;
    let own = path("sales/hello/own");
    let as_ada = Principal::User(ada);
    let operator = store.vault();
    operator.set_value(&own, &as_ada, &value).await.unwrap();
    log.one(Action::ValueChanged, "Sales/Hello/own as Ada", None)
        .await;
    assert!(vault.create_locker(&sales, &nothing).await.is_err());
    assert!(vault.create_credential(&hello, &nothing).await.is_err());
    let not_mine = Principal::User(name("eve"));
    assert!(vault.set_value(&secret, &not_mine, &value).await.is_err());
    assert!(vault.remove_locker(&name("missing")).await.is_err());
    log.none().await;
    vault.rename_locker(&sales, &name("SALES")).await.unwrap();
    log.one(Action::LockerChanged, "Sales: SALES", actor).await;
    vault.remove_attribute(&secret).await.unwrap();
    log.one(Action::CredentialRemoved, "SALES/Hello/Secret", actor)
        .await;
    vault.remove_credential(&hello).await.unwrap();
    log.one(Action::CredentialRemoved, "SALES/Hello", actor)
        .await;
    vault.remove_locker(&sales).await.unwrap();
    log.one(Action::LockerRemoved, "SALES", actor).await;
}

#[tokio::test]
async fn each_change_of_connections_writes_one_event() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    let (users, ada, bots) = (store.users(), name("Ada"), name("Bots"));
    users.create(&Principal::System, &ada).await.unwrap();
    users.create_role(&Principal::System, &bots).await.unwrap();
    let mut log = Log {
        store: &store,
        seen: 2,
    };
    let by = Principal::Administrator(ada);
    let connections = connections(&store).changed_by(&by);
    let registration = Registration::new(
        Provider::genesys("mypurecloud.de").unwrap(),
        Grant::ClientCredentials,
        "the id",
        Some(&"canary".into()),
        Scopes::default(),
    );
    let settings = Settings {
        registration: registration.unwrap(),
        save_login_credentials: true,
    };
    let (crm, actor) = (name("CRM"), Some("Ada"));
    connections.create(&crm, settings.clone()).await.unwrap();
    log.one(Action::ConnectionCreated, "CRM", actor).await;
    let crm = name("crm");
    connections.allow(&crm, &name("bots")).await.unwrap();
    log.one(Action::ConnectionChanged, "CRM: +Bots", actor)
        .await;
    connections.forbid(&crm, &name("bots")).await.unwrap();
    log.one(Action::ConnectionChanged, "CRM: -Bots", actor)
        .await;
    connections.set_roles(&crm, &[bots]).await.unwrap();
    log.one(Action::ConnectionChanged, "CRM: =Bots", actor)
        .await;
    let client = Changes {
        client_id: Some("another id".into()),
        ..Changes::default()
    };
    connections.edit(&crm, &client).await.unwrap();
    log.one(Action::ConnectionChanged, "CRM", actor).await;
    let desk = Changes {
        name: Some(name("Desk")),
        ..Changes::default()
    };
    connections.edit(&crm, &desk).await.unwrap();
    log.one(Action::ConnectionChanged, "CRM: Desk", actor).await;
    assert!(connections.create(&name("desk"), settings).await.is_err());
    assert!(connections.edit(&crm, &desk).await.is_err());
    assert!(connections.remove(&crm).await.is_err());
    log.none().await;
    connections.remove(&name("DESK")).await.unwrap();
    log.one(Action::ConnectionRemoved, "Desk", actor).await;
}
