//! An action that creates something and returns a secret, for tests over a socket and in a browser.

use std::sync::Arc;

use async_trait::async_trait;
use bot_engine::action::{
    ActionRef, ActionRunner, Argument, ComponentInfo, Failure, ListError, Output, OutputKind,
    SessionChange, SessionUse, Success, form,
};
use bot_engine::{CallError, RetryPolicy};
use control_room_web::Engine;
use egress::{AllowList, Client, Options};

/// Runs an action that creates something, whose outputs are a long text and a secret.
pub(crate) struct Creating;

impl Creating {
    /// The engine with this action alone, and without network access.
    pub(crate) fn engine() -> Engine {
        Engine {
            actions: Arc::new(Self),
            client: Client::new(Options::new(AllowList::default())).unwrap(),
            variables: Arc::default(),
            retry: RetryPolicy::default(),
        }
    }
}

#[async_trait]
impl ActionRunner for Creating {
    async fn components(
        &self,
        _: &str,
    ) -> Result<Vec<(ComponentInfo, Vec<form::Action>)>, ListError> {
        let output = |name: &str, kind| Output {
            name: name.into(),
            label: name.into(),
            help: String::new(),
            kind,
        };
        let create = form::Action {
            name: "create".into(),
            path: vec!["Create".into()],
            description: String::new(),
            fields: Vec::new(),
            session: SessionUse::None,
            outputs: vec![
                output("log", OutputKind::Text),
                output("password", OutputKind::Secret),
            ],
            repeatable: false,
            requests: Vec::new(),
        };
        let component = ComponentInfo {
            name: "acme".into(),
            digest: [0; 32],
            hosts: AllowList::default(),
        };
        Ok(vec![(component, vec![create])])
    }

    async fn run(&self, _: &ActionRef, _: &[Argument]) -> Result<Success, CallError> {
        let outputs = vec![
            ("log".into(), "x".repeat(300 << 10).into()),
            ("password".into(), "canary".into()),
        ];
        let session = SessionChange::Unchanged;
        Ok(Success { outputs, session })
    }

    async fn check(&self, _: &ActionRef, _: &[Argument]) -> Result<Vec<Failure>, CallError> {
        Ok(Vec::new())
    }

    async fn explain(&self, _: &ActionRef, _: &Failure, _: &str) -> Result<String, CallError> {
        Ok(String::new())
    }
}
