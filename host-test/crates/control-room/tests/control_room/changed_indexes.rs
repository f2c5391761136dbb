//! Rows that somebody without the key has put where one index finds them and another does not.
//!
//! An index is a tree of its own in the file, and so is a table. SQLite reads the columns of an index from the index, and
//! does not compare it with the table.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::path::Path;

use control_room::audit_events::{Action, EventFilter};
use control_room::bots::{Reference, Save};
use control_room::connections::ConnectionError;
use control_room::oauth::{CallbackHost, CallbackUrl};
use control_room::vault::{AttributeChanges, VaultError};
use control_room::{Description, Name, Principal, Store, StoreError};
use sqlx::{AssertSqlSafe, Connection, Row};
use tempfile::TempDir;

use super::former_version::copy;
use super::support::{connections, database, name, open, path, set};

/// The number of the planted row in its table.
const PLANTED: i64 = -5;

async fn sealed_folder() -> TempDir {
    let folder = copy();
    open(folder.path()).await.unwrap().close().await;
    folder
}

async fn texts(folder: &Path, query: &str) -> Vec<String> {
    let mut database = database(folder).await;
    let rows = sqlx::query_scalar(AssertSqlSafe(query.to_owned()));
    rows.fetch_all(&mut database).await.unwrap()
}

/// Runs statements on the trees of a table and of some of its indexes, as if they were the tables `t`, `i0`, `i1` …; then
/// everything is named as before.
async fn on_trees(folder: &Path, table: &str, indexes: &[&str], statements: &str) {
    let columns = format!("SELECT name FROM pragma_table_info('{table}')");
    let mut trees = vec![(
        table.to_owned(),
        format!(
            "CREATE TABLE t({})",
            texts(folder, &columns).await.join(", ")
        ),
    )];
    for (number, index) in indexes.iter().enumerate() {
        let columns = format!("SELECT name FROM pragma_index_info('{index}')");
        let columns = texts(folder, &columns).await.join(", ");
        let tree = format!(
            "CREATE TABLE i{number}({columns}, row, PRIMARY KEY({columns}, row)) WITHOUT ROWID"
        );
        trees.push(((*index).to_owned(), tree));
    }
    let mut first = database(folder).await;
    let schema: Vec<_> =
        sqlx::query("SELECT type, name, tbl_name, rootpage, sql FROM sqlite_master")
            .fetch_all(&mut first)
            .await
            .unwrap()
            .iter()
            .map(|row| {
                let text = |column| row.get::<Option<String>, usize>(column);
                (text(0), text(1), text(2), row.get::<i64, usize>(3), text(4))
            })
            .collect();
    let version: i64 = sqlx::query_scalar("PRAGMA schema_version")
        .fetch_one(&mut first)
        .await
        .unwrap();
    first.close().await.unwrap();
    let as_trees = trees.iter().enumerate().map(|(number, (object, sql))| {
        let alias = if number == 0 {
            "t".into()
        } else {
            format!("i{}", number - 1)
        };
        let found = schema.iter().find(|it| it.1.as_deref() == Some(object));
        let page = found.unwrap().3;
        (
            Some("table".into()),
            Some(alias.clone()),
            Some(alias),
            page,
            Some(sql.clone()),
        )
    });
    let as_trees: Vec<_> = as_trees.collect();
    for (version, schema, statements) in [
        (version + 1, &as_trees, ""),
        (version + 2, &schema, statements),
    ] {
        if !statements.is_empty() {
            let mut trees = database(folder).await;
            let statements = AssertSqlSafe(statements.to_owned());
            sqlx::raw_sql(statements).execute(&mut trees).await.unwrap();
            trees.close().await.unwrap();
        }
        let mut database = database(folder).await;
        for statement in [
            "PRAGMA writable_schema = ON",
            "BEGIN",
            "DELETE FROM sqlite_master",
        ] {
            sqlx::query(statement).execute(&mut database).await.unwrap();
        }
        for (kind, name, table, page, sql) in schema {
            sqlx::query("INSERT INTO sqlite_master VALUES ($1, $2, $3, $4, $5)")
                .bind(kind)
                .bind(name)
                .bind(table)
                .bind(page)
                .bind(sql)
                .execute(&mut database)
                .await
                .unwrap();
        }
        let done = format!("COMMIT; PRAGMA schema_version = {version}");
        sqlx::raw_sql(AssertSqlSafe(done))
            .execute(&mut database)
            .await
            .unwrap();
        database.close().await.unwrap();
    }
}

/// Plants a twin of the first row of a table, which only one index finds.
async fn plant_twin(folder: &Path, table: &str, index: &str) {
    let columns = format!("SELECT name FROM pragma_table_info('{table}')");
    let columns = texts(folder, &columns).await;
    let values = columns.iter().map(|column| match column.as_str() {
        "code" => "NULL".to_owned(),
        "generation" => "COALESCE(generation, 0)".to_owned(),
        other => other.to_owned(),
    });
    let values: Vec<_> = values.collect();
    let indexed = format!("SELECT name FROM pragma_index_info('{index}')");
    let indexed = texts(folder, &indexed).await;
    let is_complete = indexed.join(" IS NOT NULL AND ");
    let indexed = indexed.join(", ");
    let plant = format!(
        "INSERT INTO t (rowid, {}) SELECT {PLANTED}, {} FROM t WHERE {is_complete} IS NOT NULL \
         ORDER BY rowid LIMIT 1; \
         INSERT INTO i0 SELECT {indexed}, {PLANTED} FROM t WHERE rowid = {PLANTED}",
        columns.join(", "),
        values.join(", "),
    );
    on_trees(folder, table, &[index], &plant).await;
}

/// What users, administrators and programs do on an ordinary day. It may fail.
async fn ordinary_changes(store: &Store) {
    let (users, vault) = (store.users(), store.vault());
    let (ada, bob) = (name("ada"), name("bob"));
    let (bots, empty, genesys) = (name("bots"), name("empty"), name("genesys"));
    for user in [&ada, &bob] {
        let _ = users.grant(user, &empty).await;
        let _ = users
            .set_roles(&Principal::System, user, &[name("administrator")])
            .await;
        let password = "correct horse & battery".into();
        let _ = store
            .passwords()
            .set(&Principal::System, user, &password)
            .await;
        let _ = vault.add_owner(&genesys, user).await;
        let Ok(Some(account)) = store.passwords().named(user).await else {
            continue;
        };
        let runs = store.runs(&account);
        if let Ok(run) = runs.begin("bot", "Bot").await {
            let _ = runs
                .end(&run.id, control_room::runs::Outcome::Done, "[]")
                .await;
        }
        let saved = store.bots(&account);
        for bot in saved
            .list("", 0, 9)
            .await
            .map_or(Vec::new(), |page| page.items)
        {
            let _ = saved
                .save(&bot.id, bot.version, "Bot", "{}", Save::Automatic)
                .await;
        }
    }
    let _ = users
        .set_roles(
            &Principal::System,
            &ada,
            &[name("administrator"), bots.clone()],
        )
        .await;
    let _ = vault
        .set_roles(&genesys, &[bots.clone(), empty.clone()])
        .await;
    for credential in vault.credentials(&genesys).await.unwrap_or_default() {
        for attribute in credential.attributes {
            let path = format!("genesys/{}/{}", credential.name, attribute.name);
            let changes = AttributeChanges {
                description: Some("rotated quarterly".parse::<Description>().unwrap()),
                ..AttributeChanges::default()
            };
            let _ = vault
                .change_attribute(&path.parse().unwrap(), &changes)
                .await;
            let _ = set(store, &path, "new").await;
        }
    }
    let _ = vault
        .check(&path("genesys/hello-bot/client-secret"), &ada, true)
        .await;
    let _ = vault.rename_locker(&genesys, &name("other")).await;
    let connections = connections(store);
    for connection in connections.list().await.unwrap_or_default() {
        let _ = connections.allow(&connection.name, &empty).await;
        let _ = connections
            .set_roles(&connection.name, std::slice::from_ref(&bots))
            .await;
    }
    let callback = CallbackUrl::on_loopback(CallbackHost::Localhost, 4711);
    let _ = connections.set_callback_url(&callback).await;
}

#[tokio::test]
async fn a_row_that_only_one_index_finds_never_gets_a_code() {
    let folder = sealed_folder().await;
    let indexes = "SELECT tbl_name || ' ' || name FROM sqlite_master WHERE type = 'index' \
        AND tbl_name IN (SELECT tables.name FROM sqlite_master AS tables \
        JOIN pragma_table_info(tables.name) AS columns WHERE columns.name = 'code')";
    let indexes = texts(folder.path(), indexes).await;
    assert!(indexes.len() > 20, "{indexes:?}");
    let mut planted = 0;
    for index in &indexes {
        let (table, index) = index.split_once(' ').unwrap();
        // The condition of a partial index is not part of its tree.
        if texts(folder.path(), &format!("SELECT 'x' FROM {table}"))
            .await
            .is_empty()
            || index == "connection_sign_ins_shared"
        {
            continue;
        }
        let folder = sealed_folder().await;
        plant_twin(folder.path(), table, index).await;
        let store = open(folder.path()).await.unwrap();
        ordinary_changes(&store).await;
        store.close().await;
        let code = format!("SELECT hex(code) FROM {table} NOT INDEXED WHERE +rowid = {PLANTED}");
        let code = texts(folder.path(), &code).await;
        assert!(code.iter().all(String::is_empty), "{table} by {index}");
        planted += 1;
    }
    assert!(planted > 20, "{planted}");
}

#[tokio::test]
async fn an_attribute_that_was_planted_in_another_credential_stops_the_change_of_the_real_one() {
    let folder = sealed_folder().await;
    plant_twin(folder.path(), "attributes", "sqlite_autoindex_attributes_1").await;
    let twin = format!("UPDATE t SET name = 'stolen', password_only = 0 WHERE rowid = {PLANTED}");
    on_trees(folder.path(), "attributes", &[], &twin).await;
    let store = open(folder.path()).await.unwrap();
    let mut refused = 0;
    for credential in store.vault().credentials(&name("genesys")).await.unwrap() {
        for attribute in credential.attributes {
            let path = format!("genesys/{}/{}", credential.name, attribute.name);
            let changes = AttributeChanges {
                description: Some("new".parse().unwrap()),
                ..AttributeChanges::default()
            };
            let changed = store
                .vault()
                .change_attribute(&path.parse().unwrap(), &changes)
                .await;
            if let Err(VaultError::Store(StoreError::Changed { table, .. })) = changed {
                assert_eq!(table, "attributes");
                refused += 1;
            }
        }
    }
    assert_eq!(refused, 1);
}

#[tokio::test]
async fn a_connection_with_a_planted_twin_is_not_changed() {
    let folder = sealed_folder().await;
    let store = open(folder.path()).await.unwrap();
    let listed = connections(&store).list().await.unwrap();
    store.close().await;
    plant_twin(
        folder.path(),
        "connections",
        "sqlite_autoindex_connections_1",
    )
    .await;
    let evil = format!(
        "UPDATE t SET name = 'evil', token_url = 'https://evil.example/token' WHERE rowid = {PLANTED}"
    );
    on_trees(folder.path(), "connections", &[], &evil).await;
    let store = open(folder.path()).await.unwrap();
    let connections = connections(&store);
    let mut refused = 0;
    for connection in listed {
        let allowed = connections.allow(&connection.name, &name("empty")).await;
        if let Err(ConnectionError::Store(error)) = allowed {
            assert!(matches!(*error, StoreError::Changed { .. }), "{error}");
            refused += 1;
        }
    }
    assert_eq!(refused, 1);
}

#[tokio::test]
async fn a_user_whom_an_index_gives_another_name_is_refused() {
    let folder = sealed_folder().await;
    let rename = "UPDATE t SET name = 'ada' WHERE name = 'bob'";
    on_trees(folder.path(), "users", &[], rename).await;
    let store = open(folder.path()).await.unwrap();
    let refused = store.users().grant(&name("bob"), &name("bots")).await;
    let said = refused.unwrap_err().to_string();
    assert!(said.contains("changed"), "{said}");
    store.close().await;

    // The index leads from one name to the row of the other user.
    let folder = sealed_folder().await;
    let exchange = "UPDATE i0 SET row = (SELECT SUM(row) FROM i0) - row";
    on_trees(
        folder.path(),
        "users",
        &["sqlite_autoindex_users_2"],
        exchange,
    )
    .await;
    let store = open(folder.path()).await.unwrap();
    for user in ["ada", "bob"] {
        let error = store
            .users()
            .is_administrator(&name(user))
            .await
            .unwrap_err();
        assert!(matches!(error, StoreError::Changed { .. }), "{error}");
        let password = "correct horse & battery+staple".into();
        assert!(
            store
                .passwords()
                .verify(&name(user), &password)
                .await
                .is_err()
        );
    }
}

/// What a list shows: each of its names, with the names that belong to it.
type Shown = Result<BTreeSet<String>, String>;

fn shown<T, E: ToString>(list: Result<Vec<T>, E>, names: impl Fn(T) -> Vec<String>) -> Shown {
    let list = list.map_err(|error| error.to_string())?;
    Ok(list.into_iter().flat_map(names).collect())
}

fn with<'a>(first: impl Display, others: impl IntoIterator<Item = &'a Name>) -> Vec<String> {
    let others = others.into_iter().map(|other| format!("{first}: {other}"));
    others.chain([first.to_string()]).collect()
}

/// The lists of users and roles, and of what is in the vault.
async fn lists_of_vault(store: &Store) -> Vec<Shown> {
    let (users, vault) = (store.users(), store.vault());
    let (ada, genesys) = (Principal::User(name("ada")), name("genesys"));
    let hello = "genesys/hello-bot".parse().unwrap();
    let all = Principal::System;
    vec![
        shown(users.list().await, |it| with(it.name, &it.roles)),
        shown(users.roles().await, |it| with(it.name, &it.lockers)),
        shown(users.roles_page("", 0, 9).await.map(|it| it.items), |it| {
            with(
                it.name,
                it.lockers.items.iter().chain(&it.connections.items),
            )
        }),
        shown(
            users
                .role_access(&name("bots"), "", 0, 9)
                .await
                .map(|it| it.items),
            |it| vec![format!("{it:?}")],
        ),
        shown(vault.lockers().await, |it| {
            with(it.name, it.roles.iter().chain(&it.owners))
        }),
        shown(
            vault.lockers_page(&all, "", 0, 9).await.map(|it| it.items),
            |it| with(it.name, []),
        ),
        shown(
            vault.locker(&ada, &genesys).await.map(|it| vec![it]),
            |it| with(it.name, []),
        ),
        shown(vault.usable_lockers(&ada).await, |it| with(it, [])),
        shown(vault.credentials(&genesys).await, |it| {
            with(it.name, it.attributes.iter().map(|it| &it.name))
        }),
        shown(
            vault
                .credentials_page(&all, &genesys, "", 0, 9)
                .await
                .map(|it| it.items),
            |it| with(it.name, []),
        ),
        shown(
            vault.credential(&all, &hello).await.map(|it| vec![it]),
            |it| {
                let names = it.attributes.iter().map(|it| &it.attribute.name);
                with(it.path, names)
            },
        ),
        shown(
            vault.usable_credentials(&ada, &genesys, "", 9).await,
            |it| with(it.credential, it.attributes.iter().map(|it| &it.name)),
        ),
    ]
}

/// The lists of connections, bots and runs.
async fn lists_of_bots(store: &Store) -> Vec<Shown> {
    let connection = name("genesys cloud");
    let mut lists = vec![
        shown(connections(store).list().await, |it| {
            with(
                it.name,
                it.roles.iter().chain(it.users.iter().map(|(user, _)| user)),
            )
        }),
        shown(
            store
                .bots_with(Reference::Connection(&connection), &Principal::System, 9)
                .await
                .map(|it| it.items),
            |it| with(it.name, [&it.owner]),
        ),
    ];
    let all = Default::default();
    let runs = store.runs_of_users(&Principal::System, None, &all, 0, 9);
    lists.push(shown(runs.await.map(|it| it.items), |it| {
        with(it.run.bot, [&it.owner])
    }));
    for user in ["ada", "bob"] {
        let Ok(Some(account)) = store.passwords().named(&name(user)).await else {
            lists.extend([const { Err(String::new()) }; 3]);
            continue;
        };
        let runs = store.runs(&account);
        lists.extend([
            shown(
                store.bots(&account).list("", 0, 9).await.map(|it| it.items),
                |it| vec![it.name],
            ),
            shown(runs.list(&all, 0, 9).await.map(|it| it.items), |it| {
                vec![it.bot]
            }),
            shown(
                runs.with_log(&all, |_| true, 0, 9).await.map(|it| it.items),
                |it| vec![it.bot],
            ),
        ]);
    }
    lists
}

async fn lists(store: &Store) -> Vec<Shown> {
    let mut lists = lists_of_vault(store).await;
    lists.extend(lists_of_bots(store).await);
    lists
}

/// What somebody can do to an index: exchange what its first and last entries lead to, forget one, and make up what it
/// says.
fn changes(columns: &[String], bob: &str) -> Vec<String> {
    let mut changes = vec![
        "UPDATE i0 SET row = (SELECT MIN(row) + MAX(row) FROM i0) - row \
         WHERE row IN (SELECT MIN(row) FROM i0 UNION SELECT MAX(row) FROM i0)"
            .to_owned(),
        "DELETE FROM i0 WHERE row = (SELECT MAX(row) FROM i0)".to_owned(),
    ];
    for column in columns {
        let value = match column.as_str() {
            "name" | "sorted_as" => "made-up",
            "owner_id" => bob,
            _ => continue,
        };
        changes.push(format!("UPDATE i0 SET {column} = '{value}' || row"));
        changes.push(format!("UPDATE i0 SET {column} = '{value}'"));
    }
    changes
}

#[tokio::test]
async fn lists_show_no_names_that_an_index_makes_up() {
    let good = sealed_folder().await;
    let store = open(good.path()).await.unwrap();
    let vault = store.vault();
    vault
        .add_owner(&name("genesys"), &name("bob"))
        .await
        .unwrap();
    let password = "correct horse & battery".into();
    store
        .passwords()
        .set(&Principal::System, &name("bob"), &password)
        .await
        .unwrap();
    let before = lists(&store).await;
    store.close().await;
    let empty = before.iter().filter(|list| {
        let list = list.as_ref().unwrap();
        list.is_empty()
    });
    assert_eq!(
        empty.count(),
        3,
        "bob has neither bots nor runs: {before:?}"
    );
    let bob = texts(good.path(), "SELECT id FROM users WHERE name = 'bob'").await;
    let mut refused = vec![0; before.len()];
    for table in [
        "roles",
        "users",
        "lockers",
        "credentials",
        "attributes",
        "connections",
        "bots",
        "runs",
    ] {
        let indexes = format!("SELECT name FROM pragma_index_list('{table}')");
        for index in texts(good.path(), &indexes).await {
            let columns = format!("SELECT name FROM pragma_index_info('{index}')");
            let columns = texts(good.path(), &columns).await;
            for change in changes(&columns, &bob[0]) {
                let folder = tempfile::tempdir().unwrap();
                for file in ["control-room.db", "control-room.key"] {
                    std::fs::copy(good.path().join(file), folder.path().join(file)).unwrap();
                }
                on_trees(folder.path(), table, &[&index], &change).await;
                let store = open(folder.path()).await.unwrap();
                let after = lists(&store).await;
                store.close().await;
                for (number, (after, before)) in after.iter().zip(&before).enumerate() {
                    match after {
                        Err(_) => refused[number] += 1,
                        // What an index forgets is as if it was removed, which cannot be prevented.
                        Ok(after) => assert!(
                            after.is_subset(before.as_ref().unwrap()),
                            "list {number}, {index}: {change}: {after:?}"
                        ),
                    }
                }
            }
        }
    }
    assert!(refused.iter().all(|refused| *refused > 0), "{refused:?}");
}

#[tokio::test]
async fn an_event_that_waits_for_its_number_stays_without_a_code() {
    let folder = sealed_folder().await;
    let next = "INSERT INTO t (rowid, number, happened_at, actor, action, subject, refused) \
        SELECT -5, MAX(number) + 1, 1, 'ada', 'roles-changed', 'bob: +administrator', 0 FROM t; \
        INSERT INTO t (rowid, number, happened_at, actor, action, subject, refused) \
        SELECT MAX(rowid) + 1, MAX(number) + 2, 1, 'ada', 'roles-changed', 'bob: +administrator', 0 FROM t";
    on_trees(folder.path(), "audit_events", &[], next).await;
    let store = open(folder.path()).await.unwrap();
    let audit = store.audit();
    for subject in ["one", "two", "three"] {
        audit
            .done(&Principal::System, Action::RoleCreated, subject)
            .await
            .unwrap();
    }
    let events = audit.events(&EventFilter::default(), None, 99).await;
    match events {
        Ok(events) => assert!(events.iter().all(|it| it.subject != "bob: +administrator")),
        Err(error) => assert!(matches!(error, StoreError::Changed { .. }), "{error}"),
    }
    store.close().await;
    let codes = "SELECT hex(code) FROM audit_events NOT INDEXED \
        WHERE subject = 'bob: +administrator'";
    assert_eq!(texts(folder.path(), codes).await, ["", ""]);
}
