//! Users and roles.

use control_room::Principal;
use control_room::passwords::PasswordError;
use control_room::users::{RoleAccess, User, UserError};
use control_room::{Name, Page, Store};

use super::support::{fill_store, memory, name};

#[tokio::test]
async fn users_and_roles_are_listed_by_name() {
    let store = memory().await;
    fill_store(&store).await;
    let users = store.users();
    users
        .create(&Principal::System, &name("Abel"))
        .await
        .unwrap();
    let listed = users.list().await.unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0].name, name("abel"));
    assert_eq!(listed[0].roles, []);
    // The first user.
    assert_eq!(listed[1].roles, [name("administrator"), name("bots")]);
    assert_eq!(users.get(&name("ADA")).await.unwrap(), listed[1]);
    let roles = users.roles().await.unwrap();
    assert_eq!(roles[0].name, name("administrator"));
    assert_eq!(roles[1].name, name("bots"));
    assert_eq!(roles[1].lockers, [name("genesys")]);
}

#[tokio::test]
async fn names_of_users_and_roles_are_unique() {
    let store = memory().await;
    fill_store(&store).await;
    let users = store.users();
    let error = users
        .create(&Principal::System, &name("ADA"))
        .await
        .unwrap_err();
    assert!(matches!(error, UserError::UserExists(_)), "{error}");
    let error = users
        .create_role(&Principal::System, &name("Bots"))
        .await
        .unwrap_err();
    assert!(matches!(error, UserError::RoleExists(_)), "{error}");
}

#[tokio::test]
async fn errors_name_the_missing_user_or_role() {
    let store = memory().await;
    fill_store(&store).await;
    let users = store.users();
    let (ada, bots, missing) = (name("ada"), name("bots"), name("missing"));
    for (error, expected) in [
        (
            users.grant(&missing, &bots).await,
            "there is no user \"missing\"",
        ),
        (
            users.grant(&ada, &missing).await,
            "there is no role \"missing\"",
        ),
        (
            users.remove(&Principal::System, &missing).await.map(drop),
            "there is no user \"missing\"",
        ),
        (
            users.remove_role(&Principal::System, &missing).await,
            "there is no role \"missing\"",
        ),
    ] {
        assert_eq!(error.unwrap_err().to_string(), expected);
    }
    let error = store.vault().allow(&name("genesys"), &missing).await;
    assert_eq!(
        error.unwrap_err().to_string(),
        "there is no role \"missing\""
    );
}

/// The store of [`fill_store`] with an administrator, `root`.
async fn store_with_administrator() -> Store {
    let store = memory().await;
    fill_store(&store).await;
    let users = store.users();
    users
        .create(&Principal::System, &name("root"))
        .await
        .unwrap();
    // Ada is the first user.
    let administrator = name("administrator");
    users.revoke(&name("ada"), &administrator).await.unwrap();
    users
        .create_role(&Principal::System, &name("reports"))
        .await
        .unwrap();
    users.grant(&name("root"), &administrator).await.unwrap();
    store
}

fn administrator(name: &Name) -> Principal {
    Principal::Administrator(name.clone())
}

async fn roles(store: &Store, user: &str) -> Vec<Name> {
    store.users().get(&name(user)).await.unwrap().roles
}

#[tokio::test]
async fn set_roles_grants_and_revokes_in_one_transaction() {
    let store = store_with_administrator().await;
    let users = store.users();
    let (root, ada) = (name("root"), name("ada"));
    let wanted = [name("administrator"), name("reports")];
    users
        .set_roles(&administrator(&root), &ada, &wanted)
        .await
        .unwrap();
    assert_eq!(roles(&store, "ada").await, wanted);
    // Repeating them, or naming one twice, changes nothing.
    let twice = [&wanted[..], &wanted[..1]].concat();
    users
        .set_roles(&administrator(&root), &ada, &twice)
        .await
        .unwrap();
    assert_eq!(roles(&store, "ada").await, wanted);
    // With an unknown role, nothing changes, including the roles listed before it.
    let missing = [name("bots"), name("missing")];
    let error = users
        .set_roles(&administrator(&root), &ada, &missing)
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "there is no role \"missing\"");
    assert_eq!(roles(&store, "ada").await, wanted);
    let error = users
        .set_roles(&administrator(&root), &name("missing"), &[])
        .await;
    assert!(matches!(error, Err(UserError::NoUser(_))), "{error:?}");
    users
        .set_roles(&administrator(&root), &ada, &[])
        .await
        .unwrap();
    assert!(roles(&store, "ada").await.is_empty());
}

#[tokio::test]
async fn administrators_cannot_give_up_their_own_administrator_rights() {
    let store = store_with_administrator().await;
    let users = store.users();
    let (root, ada) = (name("root"), name("ada"));
    for error in [
        users
            .set_roles(&administrator(&root), &root, &[name("bots")])
            .await,
        users.remove(&administrator(&root), &root).await.map(drop),
        users
            .remove_role(&administrator(&root), &name("administrator"))
            .await,
    ] {
        assert!(
            matches!(error, Err(UserError::OwnAdministratorRole)),
            "{error:?}"
        );
    }
    // They may change their other roles.
    let wanted = [name("administrator"), name("bots")];
    users
        .set_roles(&administrator(&root), &root, &wanted)
        .await
        .unwrap();
    assert_eq!(roles(&store, "root").await, wanted);
    users
        .remove_role(&administrator(&root), &name("reports"))
        .await
        .unwrap();
    users.remove(&administrator(&root), &ada).await.unwrap();
    assert_eq!(users.list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn former_administrators_cannot_create_users_or_set_passwords() {
    let store = store_with_administrator().await;
    let (users, passwords) = (store.users(), store.passwords());
    let (root, ada) = (name("root"), name("ada"));
    let password = "correct horse & battery".into();
    let refused = [
        passwords
            .set(&administrator(&ada), &root, &password)
            .await
            .unwrap_err(),
        passwords
            .create_user(&administrator(&ada), &name("eve"), &password)
            .await
            .unwrap_err(),
        users
            .create_role(&administrator(&ada), &name("eves"))
            .await
            .unwrap_err()
            .into(),
    ];
    for refused in refused {
        let expected = matches!(refused, PasswordError::User(UserError::NotAdministrator(_)));
        assert!(expected, "{refused}");
    }
    assert!(users.get(&name("eve")).await.is_err());
    assert!(passwords.verify(&root, &password).await.unwrap().is_none());
    passwords
        .create_user(&administrator(&root), &name("eve"), &password)
        .await
        .unwrap();
    let account = passwords.verify(&name("eve"), &password).await.unwrap();
    assert_eq!(account.unwrap().name, name("eve"));
}

#[tokio::test]
async fn concurrent_removal_leaves_one_administrator() {
    let store = store_with_administrator().await;
    let users = store.users();
    let (root, ada) = (name("root"), name("ada"));
    let roles = [name("administrator")];
    users
        .set_roles(&administrator(&root), &ada, &roles)
        .await
        .unwrap();
    let (by_root, by_ada) = (administrator(&root), administrator(&ada));
    let (one, other) = tokio::join!(
        users.set_roles(&by_root, &ada, &[]),
        users.remove(&by_ada, &root)
    );
    let refused = one.and(other.map(drop)).unwrap_err();
    let expected = matches!(refused, UserError::NotAdministrator(_));
    assert!(expected, "{refused}");
    let mut left = 0;
    for user in [&root, &ada] {
        left += u8::from(users.is_administrator(user).await.unwrap());
    }
    assert_eq!(left, 1);
}

#[tokio::test]
async fn users_are_paged_and_filtered_by_role() {
    let store = store_with_administrator().await;
    let users = store.users();
    for number in 0..20 {
        let user = name(&format!("user_{number:02}"));
        users.create(&Principal::System, &user).await.unwrap();
        users.grant(&user, &name("reports")).await.unwrap();
    }
    let names = |page: Page<User>| {
        let names = page.items.iter().map(|user| user.name.to_string());
        (names.collect::<Vec<_>>().join(" "), page.total)
    };
    let page = users.page("USER_1", None, 2, 3).await.unwrap();
    assert_eq!(names(page), ("user_12 user_13 user_14".into(), 10));
    for (search, role, expected) in [("", "bots", ("ada", 1)), ("ada", "reports", ("", 0))] {
        let page = users.page(search, Some(&name(role)), 0, 50).await.unwrap();
        assert_eq!(names(page), (expected.0.to_owned(), expected.1));
    }
    assert!(!users.get(&name("ada")).await.unwrap().can_sign_in);
    let password = "correct horse & battery".into();
    let passwords = store.passwords();
    passwords
        .set(&Principal::System, &name("ada"), &password)
        .await
        .unwrap();
    assert!(users.get(&name("ada")).await.unwrap().can_sign_in);
}

#[tokio::test]
async fn roles_are_listed_with_their_lockers_and_connections() {
    let store = store_with_administrator().await;
    let (users, vault) = (store.users(), store.vault());
    let bots = name("bots");
    for number in 0..6 {
        let locker = name(&format!("locker {number}"));
        vault
            .create_locker(&locker, &Default::default())
            .await
            .unwrap();
        vault.allow(&locker, &bots).await.unwrap();
    }
    let page = users.roles_page("BOT", 0, 50).await.unwrap();
    assert_eq!(page.total, 1);
    let role = &page.items[0];
    assert_eq!((&role.name, role.users), (&bots, 1));
    assert_eq!((role.lockers.items.len(), role.lockers.total), (5, 7));
    assert_eq!(role.connections.total, 0);
    let opened = users.role_access(&bots, "er 5", 0, 50).await.unwrap();
    assert_eq!(opened.items, [RoleAccess::Locker(name("locker 5"))]);
    let page = users.role_access(&bots, "", 6, 50).await.unwrap();
    assert_eq!((page.items.len(), page.total), (1, 7));
    let error = users.role_access(&name("missing"), "", 0, 50).await;
    assert!(matches!(error, Err(UserError::NoRole(_))), "{error:?}");
}
