//! What somebody without the key changes on the server: rows are refused when they are used, and objects when the database is
//! opened.

use control_room::vault::VaultError;
use control_room::{KeySource, Store, StoreError};

use super::support::{Database, fill_store, memory, name, open, place, set, value, value_for};

const SECRET: &str = "genesys/hello/secret";

/// The table whose row is refused when Ada uses a value.
fn refused(error: &VaultError) -> &'static str {
    match error {
        VaultError::Store(StoreError::Changed { table, .. } | StoreError::Sealed(table)) => table,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_changed_row_is_refused_whatever_its_type() {
    for (table, statement) in [
        (
            "users",
            "UPDATE users SET name = 'ada', generation = generation + 1",
        ),
        ("lockers", "UPDATE lockers SET description = 'another'"),
        (
            "lockers",
            "INSERT INTO locker_owners SELECT lockers.id, users.id FROM lockers, users",
        ),
        (
            "credentials",
            "UPDATE credentials SET description = 'another'",
        ),
        (
            "attributes",
            "UPDATE attributes SET password_only = NOT password_only",
        ),
        ("attributes", "UPDATE attributes SET shown_as = 'SECRET'"),
        (
            "standard_values",
            "UPDATE standard_values SET sealed = '\\x02'",
        ),
        ("standard_values", "UPDATE standard_values SET code = NULL"),
        ("users", "DELETE FROM user_roles"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).await.unwrap();
        fill_store(&store).await;
        set(&store, SECRET, "canary").await.unwrap();
        assert_eq!(value(&store, SECRET).await, "canary");
        let changed = Database::of(folder.path()).await.execute(statement).await;
        assert!(changed > 0, "{statement}");
        let error = value_for(&store, "ada", SECRET).await.unwrap_err();
        assert_eq!(refused(&error), table, "{statement}");
        let recorded = "SELECT subject FROM audit_events WHERE action = 'changed-row'";
        let recorded = Database::of(folder.path()).await.texts(recorded).await;
        assert_eq!(recorded.len(), 1, "{statement}");
        assert!(recorded[0].starts_with(table), "{recorded:?}");
    }
}

#[tokio::test]
async fn another_object_in_the_schema_is_refused_when_the_database_is_opened() {
    const FUNCTION: &str =
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'";
    for (statement, shown) in [
        ("CREATE TABLE t (n int)", "column t n"),
        ("CREATE VIEW v AS SELECT 1", "relation v"),
        (FUNCTION, "function f"),
        (
            "CREATE TRIGGER t BEFORE UPDATE ON users FOR EACH ROW \
             EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            "trigger users t",
        ),
        ("ALTER TABLE user_roles DISABLE TRIGGER ALL", "trigger"),
        (
            "CREATE RULE r AS ON DELETE TO vault_uses DO INSTEAD NOTHING",
            "rule vault_uses r",
        ),
        (
            "ALTER TABLE users ADD COLUMN extra text",
            "column users extra",
        ),
        (
            "ALTER TABLE users ALTER COLUMN shown_as SET DEFAULT 'x'",
            "column users shown_as",
        ),
        (
            "ALTER TABLE users ENABLE ROW LEVEL SECURITY",
            "relation users",
        ),
        ("CREATE POLICY p ON users USING (true)", "policy users p"),
        ("DROP INDEX runs_of_owner", "runs_of_owner"),
        (
            "ALTER TABLE passwords DROP CONSTRAINT passwords_user_id_fkey",
            "constraint passwords",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path()).await.unwrap().close().await;
        Database::of(folder.path()).await.execute(statement).await;
        let error = open(folder.path()).await.unwrap_err();
        let StoreError::SchemaChanged(what) = &error else {
            panic!("{statement}: {error:?}");
        };
        assert!(what.contains(shown), "{statement}: {what}");
    }
}

#[tokio::test]
async fn a_database_of_another_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (place, key) = place(folder.path()).await;
    let mut database = Database::of(folder.path()).await;
    database.execute("CREATE TABLE theirs (n int)").await;
    let error = Store::open(place, key).await.unwrap_err();
    assert!(matches!(error, StoreError::NotAControlRoom(_)), "{error:?}");
    let tables = "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace";
    assert_eq!(database.texts(tables).await, ["theirs"]);
}

#[tokio::test]
async fn a_stripped_or_emptied_database_is_refused_with_its_key() {
    for (statement, is_expected) in [
        (
            "DELETE FROM store_key",
            (|error| matches!(error, StoreError::Stripped(_))) as fn(&StoreError) -> bool,
        ),
        (
            "DROP SCHEMA public CASCADE; CREATE SCHEMA public",
            |error| matches!(error, StoreError::MissingDatabase { .. }),
        ),
        (
            "UPDATE _sqlx_migrations SET version = 999 WHERE version = 12",
            |error| matches!(error, StoreError::NewerVersion { found: 999, .. }),
        ),
        ("UPDATE _sqlx_migrations SET checksum = '\\x00'", |error| {
            matches!(error, StoreError::NotAControlRoom(_))
        }),
    ] {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path()).await.unwrap().close().await;
        Database::of(folder.path()).await.execute(statement).await;
        let error = open(folder.path()).await.unwrap_err();
        assert!(is_expected(&error), "{statement}: {error:?}");
    }
}

#[tokio::test]
async fn a_server_needs_a_key_file_and_the_right_key() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).await.unwrap().close().await;
    let (at, key) = place(folder.path()).await;
    let error = Store::open(at.clone(), KeySource::InFolder).await;
    let error = error.unwrap_err();
    assert!(matches!(error, StoreError::KeyFileNeeded), "{error:?}");
    let other = tempfile::tempdir().unwrap();
    let (_, other_key) = place(other.path()).await;
    let error = Store::open(at.clone(), other_key).await.unwrap_err();
    assert!(matches!(error, StoreError::WrongKey { .. }), "{error:?}");
    Store::open(at, key).await.unwrap().check().await.unwrap();
}

#[tokio::test]
async fn file_operations_are_refused_on_a_server() {
    let store = memory().await;
    let folder = tempfile::tempdir().unwrap();
    let backup = store.backup(&folder.path().join("backup")).await;
    let error = backup.unwrap_err();
    assert!(matches!(error, StoreError::OnServer), "{error:?}");
    // There is no file from which to scrub what is removed.
    fill_store(&store).await;
    store.vault().remove_locker(&name("genesys")).await.unwrap();
}
