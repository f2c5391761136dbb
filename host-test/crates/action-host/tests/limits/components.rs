//! Components made from WAT and WIT: core modules that no compiler would produce, and components for a contract that
//! differs from this one.

use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve, WorldId};

const FORM: &str = include_str!("../../wit/deps/bot-action/form.wit");
const RUN: &str = include_str!("../../wit/deps/bot-action/run.wit");
const OAUTH: &str = include_str!("../../wit/deps/genesys-authentication/oauth.wit");

/// What a component exports besides the contract in [`Contract::with_oauth`].
const WITH_OAUTH: &str = "
    package test:oauth;
    world component {
        export bot:action/form@0.2.0;
        export bot:action/run@0.2.0;
        export genesys:authentication/oauth@0.2.0;
    }";

/// The WIT of the contract, which a test can change.
pub(crate) struct Contract {
    /// The package `bot:action`, whose world the component has.
    action: String,
    /// The package of the typed interface, if the component exports that too.
    oauth: Option<String>,
}

impl Contract {
    /// The contract `bot:action`.
    pub(crate) fn current() -> Self {
        Self {
            action: [FORM, RUN].concat(),
            oauth: None,
        }
    }

    /// The contract and the typed interface of the OAuth action.
    pub(crate) fn with_oauth() -> Self {
        Self {
            oauth: Some(OAUTH.into()),
            ..Self::current()
        }
    }

    /// The contract with `from` replaced by `to`.
    pub(crate) fn with(mut self, from: &str, to: &str) -> Self {
        let in_oauth = self.oauth.as_ref().is_some_and(|it| it.contains(from));
        assert!(
            self.action.contains(from) || in_oauth,
            "the contract has no {from:?} any more"
        );
        match &mut self.oauth {
            Some(oauth) if in_oauth => *oauth = oauth.replace(from, to),
            _ => self.action = self.action.replace(from, to),
        }
        self
    }

    /// A component that exports this contract. Every call traps.
    pub(crate) fn component(&self) -> Vec<u8> {
        let (resolve, world) = self.resolve();
        let abi = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);
        encode(dummy_module(&resolve, world, abi), &resolve, world)
    }

    /// A component made from a core module in WAT.
    pub(crate) fn component_of(&self, text: &str) -> Vec<u8> {
        let (resolve, world) = self.resolve();
        encode(wat::parse_str(text).unwrap(), &resolve, world)
    }

    fn resolve(&self) -> (Resolve, WorldId) {
        let mut resolve = Resolve::default();
        let mut package = resolve.push_source("action.wit", &self.action).unwrap();
        if let Some(oauth) = &self.oauth {
            resolve.push_source("oauth.wit", oauth).unwrap();
            package = resolve.push_source("world.wit", WITH_OAUTH).unwrap();
        }
        let world = resolve.select_world(&[package], Some("component")).unwrap();
        (resolve, world)
    }
}

fn encode(mut module: Vec<u8>, resolve: &Resolve, world: WorldId) -> Vec<u8> {
    embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8).unwrap();
    let encoder = ComponentEncoder::default().validate(true);
    encoder.module(&module).unwrap().encode().unwrap()
}

/// Parts of a core module (WAT) that exports the contract. Functions without a body trap.
#[derive(Clone, Copy, Default)]
pub(crate) struct Parts<'a> {
    /// The memory; 10 MiB if empty.
    pub(crate) memory: &'a str,
    /// Further definitions.
    pub(crate) fields: &'a str,
    /// The body of `explain`; returns a pointer to a pointer and a length.
    pub(crate) explain: &'a str,
    /// The body of `actions`; returns a pointer to a pointer and a length.
    pub(crate) actions: &'a str,
}

impl Parts<'_> {
    pub(crate) fn component(self) -> Vec<u8> {
        let or = |text: &str, else_: &str| String::from(if text.is_empty() { else_ } else { text });
        let memory = or(self.memory, r#"(memory (export "memory") 160)"#);
        let explain = or(self.explain, "unreachable");
        let actions = or(self.actions, "unreachable");
        let fields = self.fields;
        let (four, fifteen) = ("i32 ".repeat(4), "i32 ".repeat(15));
        Contract::current().component_of(&format!(
            r#"(module
                {memory}
                {fields}
                (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 64)
                (func (export "bot:action/run@0.2.0#run")
                    (param {four}) (result i32) unreachable)
                (func (export "bot:action/run@0.2.0#check")
                    (param {four}) (result i32) unreachable)
                (func (export "bot:action/run@0.2.0#explain")
                    (param {fifteen}) (result i32) {explain})
                (func (export "bot:action/form@0.2.0#actions")
                    (param i32 i32) (result i32) (local i32) {actions}))"#
        ))
    }
}
