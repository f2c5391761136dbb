//! A Control Room moves from its data folder to a server, whole or not at all.

use control_room::audit_events::{Action, EventFilter};
use control_room::vault::Kind;
use control_room::{KeySource, Place, Principal, Store, StoreError};
use secrecy::ExposeSecret;

use super::support::{
    Database, attribute, fill_store, name, open, path, place, set, value, value_for,
};

const SECRET: &str = "genesys/hello/secret";
const OWN: &str = "genesys/hello/own";

async fn in_folder(folder: &std::path::Path) -> Store {
    let place = Place::Folder(folder.to_owned());
    Store::open(place, KeySource::InFolder).await.unwrap()
}

/// A folder with a Control Room that has something in many tables, closed.
async fn filled() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = in_folder(folder.path()).await;
    fill_store(&store).await;
    attribute(&store, OWN, Kind::UserProvided).await;
    set(&store, SECRET, "canary").await.unwrap();
    let ada = Principal::User(name("ada"));
    let own = store.vault();
    own.set_value(&path(OWN), &ada, &"robin".into())
        .await
        .unwrap();
    let password = "correct horse & battery".into();
    let (system, bob) = (Principal::System, name("Bob"));
    let passwords = store.passwords();
    passwords
        .create_user(&system, &bob, &password)
        .await
        .unwrap();
    let bob = passwords.named(&bob).await.unwrap().unwrap();
    let bot = store.bots(&bob).create("Bot", "{}").await.unwrap();
    let runs = store.runs(&bob);
    let run = runs.begin(&bot, "Bot").await.unwrap();
    let done = control_room::runs::Outcome::Done;
    runs.end(&run.id, done, "log").await.unwrap();
    assert_eq!(value(&store, SECRET).await, "canary");
    store.close().await;
    folder
}

/// An empty database, and the folder with its key.
async fn empty() -> (tempfile::TempDir, control_room::DatabaseUrl) {
    let folder = tempfile::tempdir().unwrap();
    let (Place::Database(url), _) = place(folder.path()).await else {
        panic!("these tests run on a server");
    };
    (folder, url)
}

#[tokio::test]
async fn a_folder_is_moved_with_all_that_is_in_it() {
    let (folder, (server, url)) = (filled().await, empty().await);
    let moved = Store::move_to_server(folder.path(), &KeySource::InFolder, &url).await;
    let moved = moved.unwrap();
    assert!(moved.rows > 20, "{moved:?}");
    // It is not used in two places.
    let place = Place::Folder(folder.path().to_owned());
    let error = Store::open(place, KeySource::InFolder).await.unwrap_err();
    assert!(
        matches!(error, StoreError::MissingDatabase { .. }),
        "{error:?}"
    );

    let key = KeySource::File(moved.key);
    let store = Store::open(Place::Database(url), key).await.unwrap();
    assert_eq!(value(&store, SECRET).await, "canary");
    assert_eq!(value(&store, OWN).await, "robin");
    let bob = store
        .passwords()
        .named(&name("bob"))
        .await
        .unwrap()
        .unwrap();
    let bots = store.bots(&bob).list("", 0, 9).await.unwrap();
    assert_eq!(bots.items[0].name, "Bot");
    let runs = store
        .runs(&bob)
        .list(&Default::default(), 0, 9)
        .await
        .unwrap();
    let (_, log) = store.runs(&bob).get(&runs.items[0].id).await.unwrap();
    assert_eq!(log, "log");
    let event = EventFilter {
        action: Some(Action::Moved),
        ..EventFilter::default()
    };
    let events = store.audit().events(&event, None, 9).await.unwrap();
    let from: Vec<_> = events.iter().map(|event| event.subject.as_str()).collect();
    assert_eq!(from, [folder.path().to_str().unwrap()]);
    // What is added gets new numbers.
    set(&store, SECRET, "finch").await.unwrap();
    let changed = value_for(&store, "ada", SECRET).await.unwrap();
    assert_eq!(changed.expose_secret(), "finch");
    store.rotate_key().await.unwrap();
    assert_eq!(value(&store, SECRET).await, "finch");
    drop(server);
}

#[tokio::test]
async fn nothing_is_moved_if_something_is_in_the_way() {
    let folder = filled().await;
    let source = KeySource::InFolder;
    let is_left = || folder.path().join("control-room.db").exists();

    // A database in which there is a Control Room already.
    let (server, url) = empty().await;
    open(server.path()).await.unwrap().close().await;
    let error = Store::move_to_server(folder.path(), &source, &url)
        .await
        .unwrap_err();
    assert!(
        matches!(error, StoreError::AlreadyThere(_)) && is_left(),
        "{error:?}"
    );

    // Another process that uses the folder.
    let (server, url) = empty().await;
    let open = in_folder(folder.path()).await;
    let error = Store::move_to_server(folder.path(), &source, &url)
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::InUse) && is_left(), "{error:?}");
    open.close().await;
    drop(open);

    // A row that somebody has changed without the key.
    let mut file = sqlx::sqlite::SqliteConnectOptions::new();
    file = file.filename(folder.path().join("control-room.db"));
    let mut file = sqlx::ConnectOptions::connect(&file).await.unwrap();
    sqlx::query("UPDATE lockers SET description = 'another'")
        .execute(&mut file)
        .await
        .unwrap();
    sqlx::Connection::close(file).await.unwrap();
    let error = Store::move_to_server(folder.path(), &source, &url)
        .await
        .unwrap_err();
    assert!(
        matches!(error, StoreError::Changed { .. }) && is_left(),
        "{error:?}"
    );
    let objects = "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace";
    let left = Database::of(server.path()).await.texts(objects).await;
    assert!(left.is_empty(), "{left:?}");
}
