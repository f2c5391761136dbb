//! Access to connections, and which token each user gets.

use control_room::Principal;
use control_room::TokenOwner;
use control_room::connections::{Changes, ConnectionError, SignInOwner};
use control_room::oauth::Grant;
use secrecy::ExposeSecret;

use crate::fixture::{Fixture, ada, connection, name};

#[tokio::test]
async fn connections_are_not_disclosed_to_users_without_access() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    fixture.sign_in(&SignInOwner::Shared).await.unwrap();
    fixture
        .store
        .users()
        .create(&Principal::System, &name("bob"))
        .await
        .unwrap();
    let connections = &fixture.connections;
    for user in ["bob", "nobody"] {
        let user = name(user);
        for wanted in [TokenOwner::Shared, TokenOwner::UserSpecific] {
            let error = connections.token(&connection(), &user, wanted).await;
            let error = error.unwrap_err().to_string();
            let check = connections.check(&connection(), &user, wanted).await;
            assert_eq!(check.unwrap_err().to_string(), error);
            let missing = connections.check(&name("missing"), &user, wanted).await;
            let missing = missing.unwrap_err().to_string();
            assert_eq!(missing.replace("missing", "genesys"), error);
            // Nor by the capitals of its name.
            let other = connections.check(&name("GENESYS"), &user, wanted).await;
            let other = other.unwrap_err().to_string();
            assert_eq!(other.replace("GENESYS", "genesys"), error);
            assert_eq!(other.contains("GENESYS"), error.contains("genesys"));
        }
        let owner = SignInOwner::User(user.clone());
        let error = connections.sign_in(&connection(), &owner).await;
        if user == name("bob") {
            assert!(matches!(error, Err(ConnectionError::NoConnection(_))));
        } else {
            let error = error.unwrap_err().to_string();
            assert_eq!(error, "there is no user \"nobody\"");
        }
    }
    fixture.token().await.unwrap();
    connections
        .forbid(&connection(), &name("bots"))
        .await
        .unwrap();
    assert!(matches!(
        fixture.token().await,
        Err(ConnectionError::NoConnection(_))
    ));
}

#[tokio::test]
async fn user_specific_tokens_are_not_shared() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    let users = fixture.store.users();
    users
        .create(&Principal::System, &name("bob"))
        .await
        .unwrap();
    users.grant(&name("bob"), &name("bots")).await.unwrap();
    let (connections, own) = (&fixture.connections, TokenOwner::UserSpecific);
    let bob = name("bob");

    fixture
        .sign_in(&SignInOwner::User(name("ada")))
        .await
        .unwrap();
    let adas = connections.token(&connection(), &ada(), own).await.unwrap();
    assert!(fixture.works(&adas).await);
    let error = connections
        .token(&connection(), &bob, own)
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("bob has not signed in"),
        "{error}"
    );
    let error = fixture.token().await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("An administrator has to sign in"),
        "{error}"
    );

    fixture
        .sign_in(&SignInOwner::User(name("bob")))
        .await
        .unwrap();
    fixture.sign_in(&SignInOwner::Shared).await.unwrap();
    let mut tokens = vec![adas.access_token.expose_secret().to_owned()];
    for (user, wanted) in [(ada(), own), (bob, own), (ada(), TokenOwner::Shared)] {
        let token = connections
            .token(&connection(), &user, wanted)
            .await
            .unwrap();
        tokens.push(token.access_token.expose_secret().to_owned());
    }
    assert_eq!(tokens[0], tokens[1]);
    tokens.remove(0);
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), 3);

    let listed = connections.get(&connection()).await.unwrap().users;
    let listed: Vec<_> = listed.iter().map(|(user, _)| user.as_str()).collect();
    assert_eq!(listed, ["ada", "bob"]);
    users
        .remove(&Principal::System, &name("bob"))
        .await
        .unwrap();
    assert_eq!(connections.get(&connection()).await.unwrap().users.len(), 1);
}

#[tokio::test]
async fn without_save_login_credentials_there_is_no_shared_token() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    fixture.sign_in(&SignInOwner::Shared).await.unwrap();
    fixture
        .sign_in(&SignInOwner::User(name("ada")))
        .await
        .unwrap();
    let save = |save| Changes {
        save_login_credentials: Some(save),
        ..Changes::default()
    };
    let connections = &fixture.connections;
    connections.edit(&connection(), &save(false)).await.unwrap();
    assert!(matches!(
        fixture.token().await,
        Err(ConnectionError::NotShared(_))
    ));
    let error = fixture.sign_in(&SignInOwner::Shared).await.unwrap_err();
    assert!(
        error.to_string().contains("Save login credentials"),
        "{error}"
    );
    let own = TokenOwner::UserSpecific;
    connections.token(&connection(), &ada(), own).await.unwrap();
    // Turning it on again does not restore the shared token.
    connections.edit(&connection(), &save(true)).await.unwrap();
    assert!(matches!(
        fixture.token().await,
        Err(ConnectionError::NotSignedIn { .. })
    ));
}
