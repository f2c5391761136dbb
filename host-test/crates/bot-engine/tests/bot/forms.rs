//! The forms of two components for tests: one as the OAuth action describes itself, and one that no engine has heard of.
//! The fuzz target `bot_file` includes this file.

use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use bot_engine::action::form::{Action, Field};
use bot_engine::action::{
    ActionRef, ActionRunner, Argument, ChoiceOption, ComponentInfo, Condition, Failure, FieldKind,
    ListError, Output, OutputKind, SessionUse, Success,
};
use bot_engine::{CallError, Catalogue, CatalogueError};
use egress::AllowList;

/// The catalogue of both components.
pub(crate) fn catalogue() -> &'static Catalogue {
    static CATALOGUE: LazyLock<Catalogue> =
        LazyLock::new(|| load(vec![genesys(), acme()]).expect("the forms of the tests are valid"));
    &CATALOGUE
}

/// A component with its actions.
pub(crate) type Described = (ComponentInfo, Vec<Action>);

/// The catalogue of these components.
pub(crate) fn load(components: Vec<Described>) -> Result<Catalogue, CatalogueError> {
    load_in_two_languages(components.clone(), components)
}

/// The catalogue of components that say this in English, and that in German.
pub(crate) fn load_in_two_languages(
    english: Vec<Described>,
    german: Vec<Described>,
) -> Result<Catalogue, CatalogueError> {
    let forms = Forms { english, german };
    // It never waits.
    let loaded = pin!(Catalogue::load(&forms)).poll(&mut Context::from_waker(Waker::noop()));
    match loaded {
        Poll::Ready(loaded) => loaded,
        Poll::Pending => panic!("it waits for something"),
    }
}

pub(crate) fn component(name: &str, hosts: &[&str]) -> ComponentInfo {
    ComponentInfo {
        name: name.into(),
        digest: [u8::try_from(name.len()).unwrap_or_default(); 32],
        hosts: AllowList::parse(hosts).expect("valid host patterns"),
    }
}

pub(crate) fn field(name: &str, kind: FieldKind) -> Field {
    Field {
        name: name.into(),
        label: name.into(),
        help: String::new(),
        kind,
        required: true,
        default: None,
        shown_when: None,
    }
}

pub(crate) fn action(name: &str, session: SessionUse, fields: Vec<Field>) -> Action {
    Action {
        name: name.into(),
        path: vec!["Group".into(), name.into()],
        description: String::new(),
        fields,
        session,
        outputs: Vec::new(),
        repeatable: true,
        requests: Vec::new(),
    }
}

pub(crate) fn session_name() -> Field {
    Field {
        default: Some("Default".into()),
        ..field("session-name", FieldKind::SessionName)
    }
}

/// As the OAuth action describes itself.
pub(crate) fn genesys() -> Described {
    let option = |value: &str| ChoiceOption {
        value: value.into(),
        label: value.into(),
    };
    let only_with = |value: &str, name: &str, kind| Field {
        shown_when: Some(Condition {
            field: "authentication-type".into(),
            value: value.into(),
        }),
        ..field(name, kind)
    };
    let types = vec![
        option("client-credentials"),
        option("control-room-connection"),
    ];
    let fields = vec![
        Field {
            default: Some("client-credentials".into()),
            ..field("authentication-type", FieldKind::Choice(types))
        },
        only_with("client-credentials", "url", FieldKind::Text),
        only_with("client-credentials", "client-id", FieldKind::Credential),
        only_with("client-credentials", "client-secret", FieldKind::Secret),
        only_with(
            "control-room-connection",
            "connection",
            FieldKind::OauthConnection,
        ),
        session_name(),
    ];
    let actions = vec![
        action("oauth-authenticate", SessionUse::Opens, fields),
        action("disconnect", SessionUse::Closes, vec![session_name()]),
    ];
    (
        component("genesys", &["api.mypurecloud.de", "login.mypurecloud.de"]),
        actions,
    )
}

/// A component that works with the sessions of the other one.
pub(crate) fn acme() -> Described {
    let output = |name: &str, kind| Output {
        name: name.into(),
        label: name.into(),
        help: String::new(),
        kind,
    };
    let create = Action {
        outputs: vec![
            output("id", OutputKind::Text),
            output("user", OutputKind::Json),
            output("password", OutputKind::Secret),
        ],
        repeatable: false,
        ..action(
            "create-user",
            SessionUse::Uses,
            vec![
                session_name(),
                field("name", FieldKind::Text),
                Field {
                    required: false,
                    ..field("title", FieldKind::Text)
                },
            ],
        )
    };
    let delete = action(
        "delete-user",
        SessionUse::Uses,
        vec![
            session_name(),
            field("user-id", FieldKind::Text),
            Field {
                required: false,
                ..field("pin", FieldKind::Secret)
            },
        ],
    );
    (
        component("acme", &["api.mypurecloud.de"]),
        vec![create, delete],
    )
}

/// A component with an action that borrows the token of a connection, and needs no session.
pub(crate) fn borrower() -> Described {
    let fields = vec![field("connection", FieldKind::OauthConnection)];
    (
        component("borrower", &["api.mypurecloud.de"]),
        vec![action("sync", SessionUse::None, fields)],
    )
}

/// Describes actions, and runs none.
struct Forms {
    english: Vec<Described>,
    german: Vec<Described>,
}

#[async_trait]
impl ActionRunner for Forms {
    async fn components(&self, locale: &str) -> Result<Vec<Described>, ListError> {
        let is_german = locale.starts_with("de");
        Ok(if is_german {
            &self.german
        } else {
            &self.english
        }
        .clone())
    }

    async fn run(&self, _: &ActionRef, _: &[Argument]) -> Result<Success, CallError> {
        Err(CallError::DeadlineExceeded(Duration::ZERO))
    }

    async fn check(&self, _: &ActionRef, _: &[Argument]) -> Result<Vec<Failure>, CallError> {
        Ok(Vec::new())
    }

    async fn explain(&self, _: &ActionRef, _: &Failure, _: &str) -> Result<String, CallError> {
        Err(CallError::DeadlineExceeded(Duration::ZERO))
    }
}
