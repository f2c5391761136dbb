//! Components made from WAT and WIT: core modules that no compiler would produce, and components for a contract that
//! differs from this one.

use action_host::{Action, LoadError, Runtime, Source};
use egress::Client;
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve, WorldId};

const FORM: &str = include_str!("../../../../../wit/deps/bot-action/form.wit");
const WORLD: &str = include_str!("../../../../../wit/world.wit");

/// The WIT of the contract, which a test can change.
pub(crate) struct Contract {
    form: String,
    world: String,
}

impl Contract {
    /// The contract in `wit/`, without its imports.
    pub(crate) fn published() -> Self {
        let no_import = |line: &&str| !line.contains("import wasi:");
        Self {
            form: FORM.into(),
            world: WORLD
                .lines()
                .filter(no_import)
                .collect::<Vec<_>>()
                .join("\n"),
        }
    }

    /// The contract with `from` replaced by `to`.
    pub(crate) fn with(mut self, from: &str, to: &str) -> Self {
        assert!(
            self.form.contains(from) || self.world.contains(from),
            "the contract has no {from:?} any more"
        );
        self.form = self.form.replace(from, to);
        self.world = self.world.replace(from, to);
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
        resolve.push_source("form.wit", &self.form).unwrap();
        let package = resolve.push_source("world.wit", &self.world).unwrap();
        let world = resolve.select_world(&[package], None).unwrap();
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
        let params = |count| "i32 ".repeat(count);
        let (eleven, ten, thirteen) = (params(11), params(10), params(13));
        Contract::published().component_of(&format!(
            r#"(module
                {memory}
                {fields}
                (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 64)
                (func (export "genesys:authentication/oauth@0.1.0#authenticate")
                    (param {eleven}) (result i32) unreachable)
                (func (export "genesys:authentication/oauth@0.1.0#disconnect")
                    (param {ten}) (result i32) unreachable)
                (func (export "genesys:authentication/oauth@0.1.0#explain")
                    (param {thirteen}) (result i32) {explain})
                (func (export "bot:action/form@0.1.0#actions")
                    (param i32 i32) (result i32) (local i32) {actions}))"#
        ))
    }
}

/// Loads a component from bytes.
pub(crate) fn load(runtime: &Runtime, client: &Client, bytes: &[u8]) -> Result<Action, LoadError> {
    let source = Source::Bytes(bytes.to_vec().into());
    Action::load(runtime, &source, client.clone())
}

/// Loads a component from WAT.
pub(crate) fn load_text(
    runtime: &Runtime,
    client: &Client,
    text: &str,
) -> Result<Action, LoadError> {
    load(runtime, client, &wat::parse_str(text).unwrap())
}
