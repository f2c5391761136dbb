//! Creating, listing, editing and removing connections.

use control_room::connections::{Changes, ConnectionError, Settings, SignInOwner};
use control_room::oauth::{ClientAuthentication, Grant, Provider, Registration};

use crate::fixture::{Fixture, connection, name};

fn custom(host: &str) -> Provider {
    let url = |path| format!("https://{host}/{path}?tenant=1");
    let issuer = format!("https://{host}/tenant");
    Provider::custom(&url("authorize"), &url("token"), Some(&issuer)).unwrap()
}

#[tokio::test]
async fn connections_are_listed_with_their_settings_but_no_secrets() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    let connections = &fixture.connections;
    let settings = Settings {
        registration: Registration::new(
            custom("id.example.com"),
            Grant::AuthorizationCodePkce,
            "the id",
            None,
            "read,write".parse().unwrap(),
        )
        .unwrap(),
        save_login_credentials: false,
    };
    connections
        .create(&name("Custom"), settings.clone())
        .await
        .unwrap();
    let error = connections
        .create(&name("custom"), settings)
        .await
        .unwrap_err();
    assert!(matches!(error, ConnectionError::Exists(_)), "{error}");

    let listed = connections.list().await.unwrap();
    let [custom_one, genesys] = &listed[..] else {
        panic!("{listed:?}");
    };
    assert_eq!(custom_one.name.shown(), "Custom");
    assert_eq!(custom_one.provider, custom("id.example.com"));
    assert_eq!(custom_one.grant, Grant::AuthorizationCodePkce);
    assert_eq!(custom_one.client_id, "the id");
    assert_eq!(custom_one.scopes.to_string(), "read write");
    assert!(!custom_one.has_client_secret && custom_one.shared.is_none());
    assert!(custom_one.roles.is_empty() && custom_one.users.is_empty());
    assert_eq!(
        genesys.provider,
        Provider::genesys("mypurecloud.de").unwrap()
    );
    assert!(genesys.has_client_secret && genesys.save_login_credentials);
    assert_eq!(genesys.roles, [name("bots")]);

    // Only the capitals are changed, and then something else.
    let renamed = |name| Changes {
        name,
        ..Changes::default()
    };
    let changes = renamed(Some(name("CUSTOM one")));
    connections.edit(&name("custom"), &changes).await.unwrap();
    let changes = renamed(Some(name("Custom ONE")));
    let found = name("custom one");
    connections.check_edit(&found, &changes).await.unwrap();
    connections.edit(&found, &changes).await.unwrap();
    connections.edit(&found, &renamed(None)).await.unwrap();
    let shown = connections.get(&found).await.unwrap().name;
    assert_eq!(shown.shown(), "Custom ONE");
    let changes = renamed(Some(name("custom")));
    connections.edit(&found, &changes).await.unwrap();

    connections.remove(&name("custom")).await.unwrap();
    let error = connections.get(&name("custom")).await.unwrap_err();
    assert!(matches!(error, ConnectionError::NoConnection(_)), "{error}");
    assert!(connections.remove(&name("custom")).await.is_err());
    assert!(
        connections
            .allow(&connection(), &name("none"))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_connection_for_an_unknown_role_is_not_created() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    let connections = &fixture.connections;
    let registration = Registration::new(
        custom("id.example.com"),
        Grant::AuthorizationCodePkce,
        "the id",
        None,
        "read".parse().unwrap(),
    );
    let settings = Settings {
        registration: registration.unwrap(),
        save_login_credentials: false,
    };
    let custom = name("custom");
    let [bots, bost] = [name("bots"), name("bost")];
    let error = connections
        .create_for(&custom, settings.clone(), &[bots.clone(), bost.clone()])
        .await
        .unwrap_err();
    assert!(error.to_string().contains(bost.as_str()), "{error}");
    let error = connections.get(&custom).await.unwrap_err();
    assert!(matches!(error, ConnectionError::NoConnection(_)), "{error}");
    // It can still be created once the name is corrected.
    connections
        .create_for(&custom, settings, &[bots.clone(), bots.clone()])
        .await
        .unwrap();
    assert_eq!(connections.get(&custom).await.unwrap().roles, [bots]);
}

#[tokio::test]
async fn how_the_client_authenticates_stays_until_it_is_changed() {
    let fixture = Fixture::new(Grant::ClientCredentials).await;
    let connections = &fixture.connections;
    for (change, expected) in [
        (None, ClientAuthentication::Header),
        (Some(ClientAuthentication::Form), ClientAuthentication::Form),
        (None, ClientAuthentication::Form),
        (
            Some(ClientAuthentication::Header),
            ClientAuthentication::Header,
        ),
    ] {
        let changes = Changes {
            client_authentication: change,
            ..Changes::default()
        };
        connections.edit(&connection(), &changes).await.unwrap();
        let summary = connections.get(&connection()).await.unwrap();
        assert_eq!(summary.client_authentication, expected);
    }
}

#[tokio::test]
async fn tokens_survive_a_new_secret_or_name_but_not_another_grant() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    let connections = &fixture.connections;
    fixture.sign_in(&SignInOwner::Shared).await.unwrap();
    for name in ["renamed", "genesys"] {
        let before = match name {
            "renamed" => connection(),
            _ => "renamed".parse().unwrap(),
        };
        let changes = Changes {
            name: Some(name.parse().unwrap()),
            client_secret: Some(fixture.client.secret.clone()),
            ..Changes::default()
        };
        connections.edit(&before, &changes).await.unwrap();
    }
    fixture.set_remaining(0).await;
    let token = fixture.token().await.unwrap();
    assert!(fixture.works(&token).await);
    let changes = Changes {
        grant: Some(Grant::AuthorizationCodePkce),
        ..Changes::default()
    };
    connections.edit(&connection(), &changes).await.unwrap();
    let error = fixture.token().await.unwrap_err();
    assert!(
        matches!(error, ConnectionError::NotSignedIn { .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_stored_secret_is_not_sent_to_another_host() {
    let fixture = Fixture::new(Grant::ClientCredentials).await;
    let elsewhere = Changes {
        provider: Some(custom("evil.example")),
        ..Changes::default()
    };
    let error = fixture.connections.edit(&connection(), &elsewhere).await;
    assert!(matches!(error, Err(ConnectionError::SecretNeeded(_))));
    let with_secret = Changes {
        client_secret: Some("another".into()),
        ..elsewhere
    };
    fixture
        .connections
        .edit(&connection(), &with_secret)
        .await
        .unwrap();
    let provider = fixture
        .connections
        .get(&connection())
        .await
        .unwrap()
        .provider;
    assert_eq!(provider, custom("evil.example"));
}

#[tokio::test]
async fn a_client_without_a_secret_needs_pkce() {
    let fixture = Fixture::new(Grant::AuthorizationCode).await;
    let without = |grant| Changes {
        client_secret: Some("".into()),
        grant,
        ..Changes::default()
    };
    let error = fixture
        .connections
        .edit(&connection(), &without(None))
        .await;
    assert!(matches!(error, Err(ConnectionError::Registration(_))));
    let pkce = without(Some(Grant::AuthorizationCodePkce));
    fixture
        .connections
        .edit(&connection(), &pkce)
        .await
        .unwrap();
    let summary = fixture.connections.get(&connection()).await.unwrap();
    assert!(!summary.has_client_secret);
}
