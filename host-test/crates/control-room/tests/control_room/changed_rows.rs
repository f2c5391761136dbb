//! What somebody without the key has changed, in the file or in a backup, is refused or has no effect.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use control_room::audit::Filter;
use control_room::audit_events::{Action, EventFilter};
use control_room::passwords::PasswordError;
use control_room::queue::{NewRun, NewWorker};
use control_room::schedules::Missed;
use control_room::vault::VaultError;
use control_room::{KeySource, Notice, Place, Principal, Store, StoreError, TokenOwner};
use secrecy::ExposeSecret;
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection};
use tempfile::TempDir;

use super::former_version::{PASSWORD, copy, make_tokens_fresh};
use super::schedules;
use super::support::{
    HELLO, connections, contents, database, fill_store, memory, name, open, path, set, value_for,
};

/// What becomes of a change to a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    /// It is refused, and what is refused is a row of this table: its own, or the one whose code covers it.
    Refused(&'static str),
    /// It is refused as the secret that tells what the Control Room knows about itself.
    Unsealed,
    /// It is refused as the list of what was done to the tables: when the file is opened, not before.
    Migrations,
    /// Nothing reads it.
    WithoutEffect,
}

use Change::{Migrations, Refused, Unsealed, WithoutEffect};

/// Every column of every table. A new column has to be added here.
const COLUMNS: &[(&str, &[&str], Change)] = &[
    ("store_key", &["id", "key_id", "sealed"], Unsealed),
    (
        "users",
        &["id", "name", "code", "generation", "shown_as"],
        Refused("users"),
    ),
    (
        "roles",
        &["id", "name", "code", "shown_as"],
        Refused("roles"),
    ),
    ("user_roles", &["user_id", "role_id"], Refused("users")),
    (
        "passwords",
        &["user_id", "hash", "code"],
        Refused("passwords"),
    ),
    (
        "lockers",
        &[
            "id",
            "name",
            "description",
            "code",
            "generation",
            "shown_as",
        ],
        Refused("lockers"),
    ),
    (
        "locker_roles",
        &["locker_id", "role_id"],
        Refused("lockers"),
    ),
    (
        "locker_owners",
        &["locker_id", "user_id"],
        Refused("lockers"),
    ),
    (
        "credentials",
        &["id", "locker_id", "name", "description", "code", "shown_as"],
        Refused("credentials"),
    ),
    (
        "attributes",
        &[
            "id",
            "credential_id",
            "name",
            "description",
            "user_provided",
            "masked",
            "password_only",
            "code",
            "shown_as",
        ],
        Refused("attributes"),
    ),
    (
        "standard_values",
        &["attribute_id", "sealed", "code"],
        Refused("standard_values"),
    ),
    (
        "user_values",
        &["attribute_id", "user_id", "sealed", "code"],
        Refused("user_values"),
    ),
    (
        "connections",
        &[
            "id",
            "name",
            "provider",
            "authorization_url",
            "token_url",
            "issuer",
            "grant_type",
            "client_id",
            "sealed_client_secret",
            "scopes",
            "save_login_credentials",
            "revision",
            "code",
            "generation",
            "shown_as",
            "client_authentication",
        ],
        Refused("connections"),
    ),
    (
        "connection_roles",
        &["connection_id", "role_id"],
        Refused("connections"),
    ),
    (
        "connection_sign_ins",
        &[
            "id",
            "connection_id",
            "user_id",
            "sealed_access_token",
            "sealed_refresh_token",
            "token_type",
            "asked_at",
            "expires_at",
            "granted",
            "refresh_began",
            "ended_because",
            "code",
            "last_failure",
        ],
        Refused("connection_sign_ins"),
    ),
    (
        "callback_port",
        &["id", "port", "code", "host"],
        Refused("callback_port"),
    ),
    (
        "bots",
        &[
            "id",
            "owner_id",
            "name",
            "sorted_as",
            "file",
            "version",
            "changed_at",
            "code",
            "version_id",
            "bytes",
        ],
        Refused("bots"),
    ),
    (
        "bot_versions",
        &[
            "id",
            "bot_id",
            "number",
            "saved_by",
            "began_at",
            "saved_at",
            "is_kept",
            "sealed_file",
            "code",
        ],
        Refused("bot_versions"),
    ),
    (
        "runs",
        &[
            "id",
            "number",
            "owner_id",
            "bot_id",
            "bot",
            "started_at",
            "ended_at",
            "outcome",
            "log",
            "code",
            "sealed_log",
            "queued_at",
            "worker",
            "lost_at_step",
        ],
        Refused("runs"),
    ),
    (
        "queued_runs",
        &[
            "run_id",
            "number",
            "pool",
            "state",
            "sealed_work",
            "fence",
            "expires_at",
            "expired",
            "changing_step",
            "stop_requested",
            "sealed_sessions",
            "code",
        ],
        Refused("queued_runs"),
    ),
    (
        "schedules",
        &[
            "id",
            "owner_id",
            "bot_id",
            "pool",
            "expression",
            "time_zone",
            "overlap",
            "missed",
            "sealed_inputs",
            "is_paused",
            "next_at",
            "last_at",
            "last_result",
            "last_run",
            "code",
        ],
        Refused("schedules"),
    ),
    (
        "workers",
        &[
            "id",
            "name",
            "pool",
            "slots",
            "version",
            "started_at",
            "seen_at",
            "code",
        ],
        Refused("workers"),
    ),
    (
        "vault_uses",
        &[
            "number",
            "used_at",
            "user_name",
            "bot",
            "step",
            "locker",
            "credential",
            "attribute",
            "refused",
            "run_id",
            "code",
            "user_shown_as",
            "path_shown_as",
            "user_id",
        ],
        Refused("vault_uses"),
    ),
    (
        "audit_events",
        &[
            "number",
            "happened_at",
            "actor",
            "action",
            "subject",
            "refused",
            "code",
            "actor_shown_as",
        ],
        Refused("audit_events"),
    ),
    (
        "_sqlx_migrations",
        &["version", "checksum", "success"],
        Migrations,
    ),
    (
        "_sqlx_migrations",
        &["description", "installed_on", "execution_time"],
        WithoutEffect,
    ),
];

/// Changes to the first row and to the last one. Between them is every type, and for each column one that breaks no rule.
const VALUES: &[&str] = &[
    "1 - $", "$ || 'x'", "'Ada'", "NULL", "$ + 1", "x'00'", "'$'",
];

/// A folder with something in each table, sealed.
async fn sealed_folder() -> TempDir {
    let folder = copy();
    make_tokens_fresh(folder.path()).await;
    let store = open(folder.path()).await.unwrap();
    fill_queue(&store).await;
    store.close().await;
    folder
}

/// Earlier versions have no queue and no schedules.
async fn fill_queue(store: &Store) {
    let (queue, pool) = (store.queue(), name("default"));
    let ada = store.passwords().named(&name("ada")).await.unwrap();
    let new = NewRun {
        pool: &pool,
        bot_id: "bot",
        bot: "Hello",
        work: &"work".into(),
    };
    let ada = ada.unwrap();
    queue.submit(&ada, &new).await.unwrap();
    schedules::create(store, &ada, Missed::Skip).await;
    let worker = NewWorker {
        name: "worker",
        pool: &pool,
        slots: 1,
        version: "1",
    };
    queue.register(&worker).await.unwrap();
}

/// A copy of a folder.
fn copy_of(folder: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for file in ["control-room.db", "control-room.key"] {
        fs::copy(folder.join(file), copy.path().join(file)).unwrap();
    }
    copy
}

/// Opens a database as somebody does who keeps no rules.
async fn attacker(folder: &Path) -> SqliteConnection {
    let mut database = database(folder).await;
    for pragma in [
        "PRAGMA foreign_keys = OFF",
        "PRAGMA ignore_check_constraints = ON",
        // Nothing is lost but time.
        "PRAGMA synchronous = OFF",
    ] {
        sqlx::query(pragma).execute(&mut database).await.unwrap();
    }
    database
}

async fn execute(database: &mut SqliteConnection, statements: &str) {
    let statements = AssertSqlSafe(statements.to_owned());
    sqlx::raw_sql(statements).execute(database).await.unwrap();
}

async fn attack(folder: &Path, statement: &str) {
    let mut database = attacker(folder).await;
    execute(&mut database, statement).await;
    database.close().await.unwrap();
}

/// The tables of a database with their columns.
async fn columns(folder: &Path) -> Vec<(String, String)> {
    let mut database = database(folder).await;
    sqlx::query_as(
        "SELECT tables.name, columns.name FROM sqlite_master AS tables \
         JOIN pragma_table_info(tables.name) AS columns WHERE tables.type = 'table' ORDER BY 1, 2",
    )
    .fetch_all(&mut database)
    .await
    .unwrap()
}

/// The statements that change a column of the first or of the last row, if its table allows them.
fn changes(table: &str, column: &str) -> Vec<String> {
    let mut changes = Vec::new();
    for value in VALUES {
        for row in ["MIN", "MAX"] {
            changes.push(format!(
                "UPDATE {table} SET {column} = {} WHERE rowid = (SELECT {row}(rowid) FROM {table})",
                value.replace('$', column)
            ));
        }
    }
    changes
}

/// Changes a column. Returns whether its table allows that and it makes a difference.
async fn is_effective(
    attacker: &mut SqliteConnection,
    table: &str,
    column: &str,
    statement: &str,
) -> bool {
    let content = format!("SELECT hex(group_concat(quote({column}))) FROM {table}");
    let content = async |attacker: &mut SqliteConnection| -> String {
        let content = sqlx::query_scalar(AssertSqlSafe(content.clone()));
        content.fetch_one(attacker).await.unwrap()
    };
    let former = content(attacker).await;
    let changed = sqlx::query(AssertSqlSafe(statement.to_owned()))
        .execute(&mut *attacker)
        .await;
    changed.is_ok() && content(attacker).await != former
}

/// What the audit log says of changed rows, read without the Control Room.
async fn recorded_changes(attacker: &mut SqliteConnection) -> Vec<String> {
    sqlx::query_scalar("SELECT subject FROM audit_events WHERE action = 'changed-row'")
        .fetch_all(attacker)
        .await
        .unwrap()
}

/// What each user sees of their own.
async fn behaviour_to_users(store: &Store, ids: &[String]) -> Result<String, String> {
    let mut shown = String::new();
    let mut show = |what: &dyn std::fmt::Debug| writeln!(shown, "{what:?}").unwrap();
    let text = |error: &dyn std::error::Error| error.to_string();
    for id in ids {
        let account = store
            .passwords()
            .account(id)
            .await
            .map_err(|it| text(&it))?;
        let Some(account) = account else {
            show(&"no account");
            continue;
        };
        show(&account);
        let (bots, runs) = (store.bots(&account), store.runs(&account));
        let schedules = store.schedules(&account).list().await;
        show(&schedules.map_err(|it| text(&it))?);
        for bot in bots.list("", 0, 9).await.map_err(|it| text(&it))?.items {
            show(&bots.get(&bot.id).await.map_err(|it| text(&it))?);
            show(
                &bots
                    .versions(&bot.id, 0, 9)
                    .await
                    .map_err(|it| text(&it))?
                    .items,
            );
        }
        for run in runs
            .list(&Default::default(), 0, 9)
            .await
            .map_err(|it| text(&it))?
            .items
        {
            show(&runs.get(&run.id).await.map_err(|it| text(&it))?);
        }
    }
    Ok(shown)
}

/// The text of all that a Control Room does with what it has stored: who may do what, and where secrets go.
async fn behaviour(store: &Store, ids: &[String]) -> Result<String, String> {
    let mut shown = String::new();
    let mut show = |what: &dyn std::fmt::Debug| writeln!(shown, "{what:?}").unwrap();
    let text = |error: &dyn std::error::Error| error.to_string();
    let users = store.users();
    for user in users.list().await.map_err(|it| text(&it))? {
        show(
            &users
                .is_administrator(&user.name)
                .await
                .map_err(|it| text(&it))?,
        );
        show(&user);
    }
    show(&users.roles().await.map_err(|it| text(&it))?);
    show(&users.roles_page("", 0, 9).await.map_err(|it| text(&it))?);
    show(
        &store
            .passwords()
            .is_set_up()
            .await
            .map_err(|it| text(&it))?,
    );
    let of_users = behaviour_to_users(store, ids).await?;
    show(&of_users);
    let vault = store.vault();
    for locker in vault.lockers().await.map_err(|it| text(&it))? {
        let credentials = vault.credentials(&locker.name).await;
        for mut credential in credentials.map_err(|it| text(&it))? {
            // How many values there are is a count of rows, and only shown.
            credential
                .attributes
                .iter_mut()
                .for_each(|it| it.values = 0);
            show(&credential);
        }
        show(&locker);
    }
    for value in ["client-id", "client-secret", "queue"] {
        for user in ["ada", "bob"] {
            let path = path(&format!("genesys/hello-bot/{value}"));
            for is_secret in [false, true] {
                match vault.check(&path, &name(user), is_secret).await {
                    Err(VaultError::Store(error)) => return Err(text(&error)),
                    checked => show(&checked.is_ok()),
                }
            }
        }
        match value_for(store, "ada", &format!("genesys/hello-bot/{value}")).await {
            Err(VaultError::Store(error)) => return Err(text(&error)),
            value => show(&value.ok().map(|it| it.expose_secret().to_owned())),
        }
    }
    show(&store.queue().workers().await.map_err(|it| text(&it))?);
    let connections = connections(store);
    show(&connections.list().await.map_err(|it| text(&it))?);
    show(
        &connections
            .callback_url()
            .await
            .map_err(|it| text(&it))?
            .as_str(),
    );
    for (connection, owner) in [
        ("genesys cloud", TokenOwner::Shared),
        ("genesys cloud", TokenOwner::UserSpecific),
        ("by itself", TokenOwner::Shared),
    ] {
        let token = connections
            .token(&name(connection), &name("ada"), owner)
            .await;
        let token = token.map_err(|it| text(&it))?;
        show(&(
            token.url,
            token.access_token.expose_secret(),
            token.token_type,
        ));
    }
    let uses = store.audit().uses(&Filter::default(), None, 10_000).await;
    let mut uses = uses.map_err(|it| text(&it))?;
    // Those from here are as many as there were calls.
    uses.retain(|it| it.bot != HELLO.bot);
    show(&uses);
    let events = store
        .audit()
        .events(&EventFilter::default(), None, 10_000)
        .await
        .map_err(|it| text(&it))?;
    show(&events.iter().find(|it| it.action == Action::FirstSealing));
    // Last, as it takes longest.
    let passwords = store.passwords();
    let signed_in = passwords.verify(&name("ada"), &PASSWORD.into()).await;
    show(&signed_in.map_err(|it| text(&it))?);
    Ok(shown)
}

async fn user_ids(folder: &Path) -> Vec<String> {
    let mut database = database(folder).await;
    let ids = sqlx::query_scalar("SELECT id FROM users ORDER BY id");
    ids.fetch_all(&mut database).await.unwrap()
}

#[tokio::test]
async fn every_column_is_classified() {
    let folder = sealed_folder().await;
    for (table, column) in columns(folder.path()).await {
        let is_it =
            |known: &&(&str, &[&str], Change)| known.0 == table && known.1.contains(&&*column);
        let classified = COLUMNS.iter().filter(is_it).count();
        assert_eq!(classified, 1, "{table}.{column} is not classified once");
    }
}

#[tokio::test]
async fn a_change_to_any_column_of_the_live_file_is_refused_or_has_no_effect() {
    let folder = sealed_folder().await;
    let ids = user_ids(folder.path()).await;
    let store = open(folder.path()).await.unwrap();
    let before = behaviour(&store, &ids).await.unwrap();
    let mut attacker = attacker(folder.path()).await;
    let mut recorded = BTreeSet::new();
    for (table, columns, change) in COLUMNS {
        let put_back =
            format!("DELETE FROM main.{table}; INSERT INTO main.{table} SELECT * FROM saved");
        for column in *columns {
            let (mut tried, mut noticed) = (0, 0);
            for statement in changes(table, column) {
                if tried == 2 {
                    break;
                }
                // What the calls before have recorded. Without a transaction, which would be in the way of the Control Room.
                let save = format!(
                    "DELETE FROM vault_uses WHERE bot = 'Hello'; DELETE FROM audit_events WHERE number > 1; \
                     CREATE TEMP TABLE saved AS SELECT * FROM {table}"
                );
                execute(&mut attacker, &save).await;
                if is_effective(&mut attacker, table, column, &statement).await {
                    tried += 1;
                    let after = behaviour(&store, &ids).await;
                    recorded.extend(recorded_changes(&mut attacker).await);
                    let is_named = |error: &String| error.contains("changed from outside");
                    match &after {
                        Ok(after) if *after == before => {}
                        Err(error) if is_named(error) || *change == Unsealed => {
                            noticed += 1;
                            assert_refused(*change, error, &recorded, &statement);
                        }
                        _ => {
                            assert!(matches!(change, Refused(_)), "{statement}: {after:?}");
                            noticed += 1;
                            // A row with another identity is gone, which cannot be prevented.
                            let (_, row) = statement.split_once(" WHERE ").unwrap();
                            let remove =
                                format!("{put_back}; DELETE FROM main.{table} WHERE {row}");
                            execute(&mut attacker, &remove).await;
                            assert_eq!(behaviour(&store, &ids).await, after, "{statement}");
                        }
                    }
                }
                execute(&mut attacker, &format!("{put_back}; DROP TABLE saved")).await;
            }
            assert!(tried > 0, "{table}.{column} was not changed");
            let is_noticed = noticed > 0
                || matches!(change, Migrations | WithoutEffect)
                // It has one row, which is read whatever its id is.
                || (*table == "store_key" && *column == "id");
            assert!(is_noticed, "{table}.{column} is not read by the test");
        }
    }
    assert_eq!(behaviour(&store, &ids).await.unwrap(), before);
}

/// A refusal names what it refuses, and a changed row is in the audit log.
fn assert_refused(change: Change, error: &str, recorded: &BTreeSet<String>, statement: &str) {
    match change {
        Refused(table) => {
            let in_table = format!(" in the table {table} was changed from outside");
            assert!(error.contains(&in_table), "{statement}: {error}");
            let is_recorded = recorded.iter().any(|subject| {
                let (in_log, row) = subject.split_once(": ").unwrap();
                in_log == table && error.contains(&format!("\"{row}\"{in_table}"))
            });
            assert!(is_recorded, "{statement}: {error}: {recorded:?}");
        }
        Unsealed => {
            let refused = if statement.contains("SET key_id") {
                "control-room.key is not the one that is needed"
            } else {
                "a value in store_key cannot be decrypted"
            };
            assert!(error.contains(refused), "{statement}: {error}");
        }
        Migrations | WithoutEffect => panic!("{statement}: {error}"),
    }
}

#[tokio::test]
async fn a_change_to_any_column_of_a_backup_is_not_restored() {
    let folder = sealed_folder().await;
    let before = contents(folder.path());
    let backup = copy_of(folder.path());
    let file = backup.path().join("control-room.db");
    let original = fs::read(&file).unwrap();
    for (table, columns, change) in COLUMNS {
        for column in *columns {
            if *change == WithoutEffect {
                continue;
            }
            let mut is_tried = false;
            // A change that breaks a rule of its table is found without a code.
            for keeps_rules in [true, false] {
                for statement in changes(table, column) {
                    if is_tried {
                        break;
                    }
                    fs::write(&file, &original).unwrap();
                    let mut attacker = attacker(backup.path()).await;
                    let rules = format!("PRAGMA ignore_check_constraints = {}", !keeps_rules);
                    execute(&mut attacker, &rules).await;
                    is_tried = is_effective(&mut attacker, table, column, &statement).await;
                    attacker.close().await.unwrap();
                    if !is_tried {
                        continue;
                    }
                    let restored = Store::restore(folder.path(), &KeySource::InFolder, &file).await;
                    let error = restored.expect_err(&statement);
                    let is_expected = match (&error, change) {
                        (StoreError::Damaged(_), _) => !keeps_rules,
                        (StoreError::Changed { table, .. }, Refused(named)) => table == named,
                        (StoreError::Sealed(table), Unsealed) => *table == "store_key",
                        (StoreError::WrongKey { .. }, Unsealed) => *column == "key_id",
                        (StoreError::SchemaChanged(_), Migrations) => *column == "success",
                        (StoreError::NotAControlRoom(_), Migrations) => *column != "success",
                        _ => false,
                    };
                    assert!(is_expected, "{statement}: {error:?}");
                    assert_eq!(contents(folder.path()), before, "{statement}");
                }
            }
            assert!(is_tried, "{table}.{column} was not changed");
        }
    }
}

#[tokio::test]
async fn a_backup_with_a_change_that_nothing_reads_is_restored_as_it_was() {
    let folder = sealed_folder().await;
    let ids = user_ids(folder.path()).await;
    let store = open(folder.path()).await.unwrap();
    // A restore would end what is queued, and calculate when schedules start bots.
    for settle in [
        "DELETE FROM queued_runs",
        "UPDATE schedules SET next_at = NULL",
    ] {
        store.execute_with_key(settle).await.unwrap();
    }
    let before = behaviour(&store, &ids).await.unwrap();
    store.close().await;
    drop(store);
    let backup = copy_of(folder.path());
    let file = backup.path().join("control-room.db");
    let original = fs::read(&file).unwrap();
    for (table, columns, change) in COLUMNS {
        for column in *columns {
            if *change != WithoutEffect {
                continue;
            }
            let mut tried = 0;
            for statement in changes(table, column) {
                if tried == 2 {
                    break;
                }
                fs::write(&file, &original).unwrap();
                let mut attacker = attacker(backup.path()).await;
                let is_tried = is_effective(&mut attacker, table, column, &statement).await;
                attacker.close().await.unwrap();
                if !is_tried {
                    continue;
                }
                tried += 1;
                let restored = copy_of(folder.path());
                Store::restore(restored.path(), &KeySource::InFolder, &file)
                    .await
                    .expect(&statement);
                let store = open(restored.path()).await.unwrap();
                let after = behaviour(&store, &ids).await;
                assert_eq!(after.as_ref(), Ok(&before), "{statement}");
            }
            assert!(tried > 0, "{table}.{column} was not changed");
        }
    }
}

#[tokio::test]
async fn an_administrator_who_was_inserted_cannot_sign_in() {
    let folder = sealed_folder().await;
    attack(
        folder.path(),
        "INSERT INTO users (id, name) VALUES ('eve', 'eve'); \
         INSERT INTO passwords (user_id, hash) SELECT 'eve', hash FROM passwords LIMIT 1; \
         INSERT INTO user_roles SELECT 'eve', id FROM roles",
    )
    .await;
    let store = open(folder.path()).await.unwrap();
    let password = "correct horse & battery+staple".into();
    let error = store.passwords().verify(&name("eve"), &password).await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains("\"eve\" in the table users"), "{error}");
    let error = store.users().is_administrator(&name("eve")).await;
    assert!(
        matches!(error, Err(StoreError::Changed { .. })),
        "{error:?}"
    );
    // Nor is somebody an administrator who was given the role.
    attack(
        folder.path(),
        "INSERT INTO user_roles SELECT users.id, roles.id FROM users, roles \
         WHERE users.name = 'bob' AND roles.name = 'administrator'",
    )
    .await;
    let error = store.users().is_administrator(&name("bob")).await;
    assert!(
        matches!(error, Err(StoreError::Changed { .. })),
        "{error:?}"
    );
    let bob = Principal::Administrator(name("bob"));
    let error = store.users().create(&bob, &name("mallory")).await;
    assert!(error.is_err(), "{error:?}");
}

#[tokio::test]
async fn a_renamed_attribute_whose_options_were_changed_is_not_handed_out() {
    let folder = sealed_folder().await;
    attack(
        folder.path(),
        "UPDATE attributes SET name = 'client-id-2', password_only = FALSE WHERE name = 'client-secret'",
    )
    .await;
    let store = open(folder.path()).await.unwrap();
    let error = value_for(&store, "ada", "genesys/hello-bot/client-id-2").await;
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("\"client-id-2\" in the table attributes"),
        "{error}"
    );
}

#[tokio::test]
async fn a_changed_row_is_in_the_audit_log_once() {
    let folder = sealed_folder().await;
    let store = open(folder.path()).await.unwrap();
    attack(
        folder.path(),
        "UPDATE connections SET token_url = 'https://evil.example/token'",
    )
    .await;
    for _ in 0..3 {
        let error = connections(&store).get(&name("custom")).await.unwrap_err();
        assert!(
            error
                .to_string()
                .contains("\"custom\" in the table connections"),
            "{error}"
        );
    }
    let events = store
        .audit()
        .events(&EventFilter::default(), None, 9)
        .await
        .unwrap();
    let events: Vec<_> = events
        .iter()
        .map(|it| (it.action, it.subject.as_str()))
        .collect();
    assert_eq!(
        events,
        [
            (Action::ChangedRow, "connections: custom"),
            (Action::ScheduleCreated, "ada: Hello"),
            (Action::FirstSealing, "2 users, 1 of whom can sign in"),
        ]
    );
}

#[tokio::test]
async fn planted_objects_are_refused_before_they_run() {
    const PLANTED: &[&str] = &[
        "CREATE TRIGGER planted AFTER INSERT ON vault_uses BEGIN DELETE FROM vault_uses; END",
        "CREATE VIEW planted AS SELECT 1",
        "CREATE INDEX planted ON users (name, id)",
        "CREATE TABLE planted (id TEXT)",
        "ALTER TABLE users ADD COLUMN planted TEXT",
        "DROP INDEX connection_sign_ins_shared",
        "DROP TABLE locker_owners",
        "DROP TABLE roles; CREATE VIEW roles (id, name, code) AS WITH RECURSIVE n (n) AS \
         (SELECT 1 UNION ALL SELECT n + 1 FROM n) SELECT n, 'slow', x'00' FROM n",
        "DROP TABLE _sqlx_migrations; CREATE VIEW _sqlx_migrations (version, checksum) AS WITH RECURSIVE n (n) AS \
         (SELECT 1 UNION ALL SELECT n + 1 FROM n) SELECT 7, n FROM n WHERE n < 0",
    ];
    for planted in PLANTED {
        let folder = sealed_folder().await;
        let good = copy_of(folder.path());
        let store = open(folder.path()).await.unwrap();
        attack(folder.path(), planted).await;
        let error = store.users().list().await.unwrap_err();
        assert!(
            matches!(error, StoreError::SchemaChanged(_)),
            "{planted}: {error}"
        );
        store.close().await;
        drop(store);
        let is_refused = |error: &StoreError| {
            matches!(
                error,
                StoreError::SchemaChanged(_) | StoreError::NotAControlRoom(_)
            )
        };
        let error = open(folder.path()).await.unwrap_err();
        assert!(is_refused(&error), "{planted}: {error}");
        let before = contents(good.path());
        let file = folder.path().join("control-room.db");
        let error = Store::restore(good.path(), &KeySource::InFolder, &file).await;
        let error = error.unwrap_err();
        assert!(is_refused(&error), "{planted}: {error}");
        assert_eq!(contents(good.path()), before);
    }
}

/// Makes a sealed database look like one of version 0.1.0.
const STRIP: &str = "PRAGMA foreign_keys = OFF; DELETE FROM _sqlx_migrations WHERE version > 5; DROP TABLE audit_events; \
    DROP TABLE bot_versions; DROP TABLE queued_runs; DROP TABLE schedules; DROP TABLE workers; DROP INDEX bots_bytes; DROP INDEX vault_uses_user_id";

async fn strip(folder: &Path) {
    let mut statements = STRIP.to_owned();
    for (table, column) in columns(folder).await {
        let is_later = [
            "code",
            "generation",
            "version_id",
            "bytes",
            "sealed_log",
            "client_authentication",
            "host",
            "last_failure",
            "queued_at",
            "worker",
            "lost_at_step",
        ]
        .contains(&&*column)
            || column.ends_with("shown_as")
            || (&*table, &*column) == ("vault_uses", "user_id");
        let is_dropped = [
            "audit_events",
            "bot_versions",
            "queued_runs",
            "schedules",
            "workers",
        ]
        .contains(&&*table);
        if is_later && !is_dropped {
            write!(statements, "; ALTER TABLE {table} DROP COLUMN {column}").unwrap();
        }
    }
    attack(folder, &statements).await;
}

#[tokio::test]
async fn a_stripped_database_is_not_sealed_again() {
    let folder = sealed_folder().await;
    let good = copy_of(folder.path());
    let file = folder.path().join("control-room.db");
    // With the facts of the sealed store, and with the text that earlier versions had there.
    let old_text = "UPDATE store_key SET sealed = (SELECT sealed FROM old.store_key)";
    let old = copy();
    let old = old.path().join("control-room.db");
    for statement in [
        "SELECT 1".to_owned(),
        format!("ATTACH '{}' AS old; {old_text}", old.display()),
        "DELETE FROM store_key".to_owned(),
    ] {
        fs::copy(good.path().join("control-room.db"), &file).unwrap();
        strip(folder.path()).await;
        attack(folder.path(), &statement).await;
        let before = contents(folder.path());
        let error = open(folder.path()).await.unwrap_err();
        assert!(
            matches!(
                error,
                StoreError::Stripped(_) | StoreError::SchemaChanged(_)
            ),
            "{statement}: {error}"
        );
        assert_eq!(contents(folder.path()), before);
        let error = Store::restore(good.path(), &KeySource::InFolder, &file).await;
        assert!(error.is_err(), "{statement}");
    }
}

#[tokio::test]
async fn without_the_mark_a_stripped_database_shows_no_value_of_the_sealed_one() {
    let folder = sealed_folder().await;
    strip(folder.path()).await;
    let old = copy();
    let old = old.path().join("control-room.db");
    let statement = format!(
        "ATTACH '{}' AS old; UPDATE store_key SET sealed = (SELECT sealed FROM old.store_key)",
        old.display()
    );
    attack(folder.path(), &statement).await;
    let key = folder.path().join("control-room.key");
    let unmarked = fs::read_to_string(&key).unwrap().replace("sealed\n", "");
    fs::write(&key, unmarked).unwrap();
    let error = open(folder.path()).await.unwrap_err();
    assert!(matches!(error, StoreError::Sealed(_)), "{error}");
}

#[tokio::test]
async fn a_key_that_sealed_a_database_makes_no_new_one() {
    let folder = sealed_folder().await;
    let good = copy_of(folder.path());
    let file = folder.path().join("control-room.db");
    fs::remove_file(&file).unwrap();
    let before = contents(folder.path());
    let error = open(folder.path()).await.unwrap_err();
    assert!(
        matches!(error, StoreError::MissingDatabase { .. }),
        "{error}"
    );
    assert_eq!(contents(folder.path()), before);

    fs::write(&file, "").unwrap();
    let error = open(folder.path()).await.unwrap_err();
    assert!(matches!(error, StoreError::Stripped(_)), "{error}");

    // As the message advises.
    fs::remove_file(&file).unwrap();
    let backup = good.path().join("control-room.db");
    Store::restore(folder.path(), &KeySource::InFolder, &backup)
        .await
        .unwrap();
    open(folder.path()).await.unwrap();
}

#[tokio::test]
async fn a_folder_of_an_earlier_version_is_sealed_once_and_its_administrator_is_told() {
    let folder = copy();
    let key = folder.path().join("control-room.key");
    let unmarked = fs::read_to_string(&key).unwrap();
    let store = open(folder.path()).await.unwrap();
    assert_eq!(store.notices(), [Notice::FirstSealing]);
    assert_eq!(
        fs::read_to_string(&key).unwrap(),
        format!("{unmarked}sealed\n")
    );
    store.close().await;
    drop(store);
    let store = open(folder.path()).await.unwrap();
    assert_eq!(store.notices(), []);
    let events = store
        .audit()
        .events(&EventFilter::default(), None, 9)
        .await
        .unwrap();
    assert_eq!(events.len(), 1);
    // A backup of the earlier version, which anybody may have changed, is restored only with a key that is not marked.
    let backup = copy();
    let file = backup.path().join("control-room.db");
    store.close().await;
    drop(store);
    let before = contents(folder.path());
    let restore = async |key: &KeySource| Store::restore(folder.path(), key, &file).await;
    let error = restore(&KeySource::InFolder).await.unwrap_err();
    assert!(matches!(error, StoreError::Stripped(_)), "{error}");
    assert_eq!(contents(folder.path()), before);
    let key = KeySource::File(backup.path().join("control-room.key"));
    restore(&key).await.unwrap();
    let place = Place::Folder(folder.path().to_owned());
    let store = Store::open(place, key).await.unwrap();
    assert_eq!(store.notices(), [Notice::FirstSealing]);
}

#[tokio::test]
async fn deleting_all_users_does_not_make_the_next_one_administrator() {
    let folder = sealed_folder().await;
    attack(
        folder.path(),
        "DELETE FROM users; DELETE FROM passwords; DELETE FROM user_roles; DELETE FROM locker_owners",
    )
    .await;
    let store = open(folder.path()).await.unwrap();
    let passwords = store.passwords();
    assert!(passwords.is_set_up().await.unwrap());
    let password = "correct horse & battery".into();
    let error = passwords.create_first_user(&name("eve"), &password).await;
    assert!(matches!(error, Err(PasswordError::NotFirst)), "{error:?}");
    let is_administrator = store.users().create(&Principal::System, &name("eve")).await;
    assert!(!is_administrator.unwrap());
    assert!(!store.users().is_administrator(&name("eve")).await.unwrap());
}

#[tokio::test]
async fn a_name_that_is_shown_in_another_form_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    fill_store(&store).await;
    let (users, vault) = (store.users(), store.vault());
    users
        .create(&Principal::System, &name("Bob Brown"))
        .await
        .unwrap();
    let nothing = Default::default();
    vault.create_locker(&name("Sales"), &nothing).await.unwrap();
    let lists = async |statement: &str| {
        attack(folder.path(), statement).await;
        let by = Principal::Administrator(name("ada"));
        [
            users.list().await.is_err(),
            users.get(&name("bob brown")).await.is_err(),
            vault.lockers().await.is_err(),
            vault.lockers_page(&by, "", 0, 9).await.is_err(),
        ]
    };
    for (table, name, expected) in [
        ("users", "bob brown", [true, true, false, false]),
        ("lockers", "sales", [false, false, true, true]),
    ] {
        for shown in ["NULL", "'BOB BROWN'", "'SALES'", "'ada'", "'genesys'", "''"] {
            let change = |value: &str| {
                format!("UPDATE {table} SET shown_as = {value} WHERE name = '{name}'")
            };
            let refused = lists(&change(shown)).await;
            // A locker stays visible to an administrator whose own row is intact.
            assert_eq!(refused, expected, "{table}: {shown}");
            let typed = if table == "users" {
                "'Bob Brown'"
            } else {
                "'Sales'"
            };
            assert_eq!(lists(&change(typed)).await, [false; 4]);
        }
    }
}

/// Names that the Control Room does not accept, and so has not written.
#[tokio::test]
async fn a_row_with_a_name_that_is_not_valid_is_refused_like_any_other() {
    let folder = sealed_folder().await;
    let ids = user_ids(folder.path()).await;
    let file = folder.path().join("control-room.db");
    let original = fs::read(&file).unwrap();
    for table in [
        "users",
        "roles",
        "lockers",
        "credentials",
        "attributes",
        "connections",
    ] {
        for name in ["''", "'a/b/c'", "x'ff'", "'\u{202e}'"] {
            fs::write(&file, &original).unwrap();
            let change = format!(
                "UPDATE {table} SET name = {name} WHERE rowid = (SELECT MIN(rowid) FROM {table})"
            );
            attack(folder.path(), &change).await;
            let store = open(folder.path()).await.unwrap();
            let refused = behaviour(&store, &ids).await.unwrap_err();
            let recorded = recorded_changes(&mut database(folder.path()).await).await;
            let recorded = recorded.into_iter().collect();
            assert_refused(Refused(table), &refused, &recorded, &change);
            store.close().await;
        }
    }
}

#[tokio::test]
async fn a_removed_membership_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    fill_store(&store).await;
    set(&store, "genesys/hello/secret", "canary").await.unwrap();
    for table in ["user_roles", "locker_roles"] {
        let copy = copy_of(folder.path());
        store.close().await;
        fs::copy(
            folder.path().join("control-room.db"),
            copy.path().join("control-room.db"),
        )
        .unwrap();
        attack(copy.path(), &format!("DELETE FROM {table}")).await;
        let store = open(copy.path()).await.unwrap();
        let error = value_for(&store, "ada", "genesys/hello/secret").await;
        let error = error.unwrap_err().to_string();
        assert!(error.contains("was changed from outside"), "{error}");
    }
}

#[tokio::test]
async fn removals_leave_rows_that_verify() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = open(folder.path()).await.unwrap();
    fill_store(&store).await;
    let (users, vault) = (store.users(), store.vault());
    let system = Principal::System;
    users.create(&system, &name("bob")).await.unwrap();
    vault
        .add_owner(&name("genesys"), &name("bob"))
        .await
        .unwrap();
    users.remove(&system, &name("bob")).await.unwrap();
    users.remove_role(&system, &name("bots")).await.unwrap();
    assert!(vault.lockers().await.unwrap()[0].owners.is_empty());
    store.rotate_key().await.unwrap();
    let file = elsewhere.path().join("backup.db");
    store.backup(&file).await.unwrap();
    store.close().await;
    drop((store, users, vault));
    Store::restore(folder.path(), &KeySource::InFolder, &file)
        .await
        .unwrap();
    open(folder.path()).await.unwrap();
}

#[tokio::test]
async fn the_first_user_is_an_administrator_however_they_are_made() {
    let store = memory().await;
    let (users, passwords) = (store.users(), store.passwords());
    let password = "correct horse & battery".into();
    let system = Principal::System;
    assert!(!users.has_administrator().await.unwrap());
    assert!(users.create(&system, &name("ada")).await.unwrap());
    assert!(!users.create(&system, &name("bob")).await.unwrap());
    assert!(users.is_administrator(&name("ada")).await.unwrap());
    assert!(!users.is_administrator(&name("bob")).await.unwrap());
    assert!(users.has_administrator().await.unwrap());
    let error = users.remove_role(&system, &name("administrator")).await;
    assert!(error.is_err(), "{error:?}");

    let store = memory().await;
    let (users, passwords_of_other) = (store.users(), store.passwords());
    passwords_of_other
        .create_user(&system, &name("ada"), &password)
        .await
        .unwrap();
    assert!(users.is_administrator(&name("ada")).await.unwrap());
    users.remove(&system, &name("ada")).await.unwrap();
    assert!(!users.has_administrator().await.unwrap());
    drop(passwords);
}
