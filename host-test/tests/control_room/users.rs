//! Users and roles.

use host_test::control_room::users::UserError;

use super::support::{furnish, memory, name};

#[tokio::test]
async fn users_and_roles_are_listed_by_name() {
    let store = memory().await;
    furnish(&store).await;
    let users = store.users();
    users.create(&name("Abel")).await.unwrap();
    let listed = users.list().await.unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0].name, name("abel"));
    assert_eq!(listed[1].roles, [name("bots")]);
    assert_eq!(users.get(&name("ADA")).await.unwrap(), listed[1]);
    let roles = users.roles().await.unwrap();
    assert_eq!(roles[0].name, name("bots"));
    assert_eq!(roles[0].lockers, [name("genesys")]);
}

#[tokio::test]
async fn a_name_is_given_once() {
    let store = memory().await;
    furnish(&store).await;
    let users = store.users();
    let error = users.create(&name("ADA")).await.unwrap_err();
    assert!(matches!(error, UserError::UserExists(_)), "{error}");
    let error = users.create_role(&name("Bots")).await.unwrap_err();
    assert!(matches!(error, UserError::RoleExists(_)), "{error}");
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let store = memory().await;
    furnish(&store).await;
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
        (users.remove(&missing).await, "there is no user \"missing\""),
        (
            users.remove_role(&missing).await,
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
