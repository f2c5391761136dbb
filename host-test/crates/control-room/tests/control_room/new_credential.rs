//! A credential is created with its values, and with its locker if that is new: all of it or nothing.

use control_room::audit_events::EventFilter;
use control_room::vault::{AttributeOptions, NewAttribute, NewCredential, VaultError};
use control_room::{Name, Principal, Store};
use secrecy::ExposeSecret;

use super::support::{fill_store, memory, name, value, value_for};

type Expected = fn(&VaultError) -> bool;

/// A credential with the attributes `client-id` and `client-secret`.
fn client(path: &str, new_locker: Option<&[&str]>) -> NewCredential {
    let attribute = |attribute, masked| NewAttribute {
        name: name(attribute),
        options: AttributeOptions {
            masked,
            ..AttributeOptions::default()
        },
        value: Some(format!("canary of the {attribute}").into()),
    };
    NewCredential {
        path: path.parse().unwrap(),
        new_locker: new_locker.map(|roles| roles.iter().map(|role| name(role)).collect()),
        description: "For Hello".parse().unwrap(),
        attributes: vec![
            attribute("Client-ID", false),
            attribute("client-secret", true),
        ],
    }
}

/// Everything that could have been created, and how many events are recorded.
async fn state(store: &Store) -> (String, usize) {
    let vault = store.vault();
    let lockers = vault.lockers().await.unwrap();
    let mut credentials = Vec::new();
    for locker in &lockers {
        credentials.push(vault.credentials(&locker.name).await.unwrap());
    }
    let audit = store.audit();
    let events = audit.events(&EventFilter::default(), None, 100).await;
    (
        format!("{lockers:?} {credentials:?}"),
        events.unwrap().len(),
    )
}

#[tokio::test]
async fn a_credential_is_created_with_its_locker_and_its_values() {
    let store = memory().await;
    fill_store(&store).await;
    let (_, before) = state(&store).await;
    let by = Principal::Administrator(name("Ada"));
    let vault = store.vault().changed_by(&by);
    let new = client("Sales/Hello", Some(&["BOTS"]));
    vault.create_with_values(&new).await.unwrap();
    assert_eq!(
        value(&store, "sales/hello/client-id").await,
        "canary of the Client-ID"
    );
    let secret = value_for(&store, "ada", "sales/hello/client-secret").await;
    assert_eq!(
        secret.unwrap().expose_secret(),
        "canary of the client-secret"
    );
    let credentials = vault.credentials(&name("sales")).await.unwrap();
    let attributes = credentials[0].attributes.iter();
    let options: Vec<_> = attributes
        .map(|it| (it.name.shown(), it.masked, it.values))
        .collect();
    assert_eq!(
        options,
        [("Client-ID", false, 1), ("client-secret", true, 1)]
    );

    // Each change is recorded as if it were made alone.
    let audit = store.audit();
    let events = audit.events(&EventFilter::default(), None, 100).await;
    let mut events = events.unwrap();
    events.reverse();
    let new: Vec<_> = events[before..]
        .iter()
        .map(|it| (it.action.name(), it.subject.as_str()))
        .collect();
    assert_eq!(
        new,
        [
            ("locker-created", "Sales"),
            ("locker-changed", "Sales: =bots"),
            ("credential-changed", "Sales/Hello"),
            ("credential-changed", "Sales/Hello/Client-ID"),
            ("value-changed", "Sales/Hello/Client-ID"),
            ("credential-changed", "Sales/Hello/client-secret"),
            ("value-changed", "Sales/Hello/client-secret"),
        ]
    );
    let actors = events[before..].iter().map(|it| it.actor.as_ref());
    assert!(actors.clone().all(|it| it == Some(&name("ada"))));

    // A second one in the same locker, with an attribute whose value is set later.
    let mut other = client("sales/other", None);
    other.attributes[1].value = None;
    vault.create_with_values(&other).await.unwrap();
    assert_eq!(
        value(&store, "Sales/Other/client-id").await,
        "canary of the Client-ID"
    );
    let credentials = vault.credentials(&name("sales")).await.unwrap();
    assert_eq!(credentials[1].description, "For Hello");
    let values = credentials[1].attributes.iter().map(|it| it.values);
    assert_eq!(values.collect::<Vec<_>>(), [1, 0]);
}

#[tokio::test]
async fn what_is_refused_creates_nothing() {
    let store = memory().await;
    fill_store(&store).await;
    let before = state(&store).await;
    let mut without_value = client("sales/hello", Some(&["bots"]));
    without_value.attributes[1].value = Some("\u{a0}".into());
    let mut twice = client("sales/hello", Some(&["bots"]));
    twice.attributes[1].name = name("client-id");
    let administrator = Principal::Administrator(name("ada"));
    let user = Principal::User(name("ada"));
    let cases: [(_, _, Expected); 7] = [
        (
            &administrator,
            &client("GENESYS/new", Some(&["bots"])),
            |it| matches!(it, VaultError::LockerExists(_)),
        ),
        (
            &administrator,
            &client("sales/new", Some(&["others"])),
            |it| matches!(it, VaultError::User(_)),
        ),
        (&administrator, &client("sales/new", None), |it| {
            matches!(it, VaultError::NoLocker(_))
        }),
        (&administrator, &client("genesys/Hello", None), |it| {
            matches!(it, VaultError::CredentialExists(_))
        }),
        (&administrator, &twice, |it| {
            matches!(it, VaultError::AttributeExists(_))
        }),
        (&administrator, &without_value, |it| {
            matches!(it, VaultError::Value(_))
        }),
        // The last check, as for a value alone.
        (&user, &client("genesys/new", None), |it| {
            matches!(it, VaultError::NotOwner(_))
        }),
    ];
    for (by, new, is_expected) in cases {
        let vault = store.vault().changed_by(by);
        let error = vault.create_with_values(new).await.unwrap_err();
        assert!(is_expected(&error), "{error}");
        assert!(!error.to_string().contains("canary"), "{error}");
        assert_eq!(state(&store).await, before, "{error}");
    }
    let usable = store.vault().usable_lockers(&user).await.unwrap();
    let usable: Vec<_> = usable.iter().map(Name::shown).collect();
    assert_eq!(usable, ["genesys"]);
}
