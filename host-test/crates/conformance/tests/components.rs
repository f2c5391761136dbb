//! The components that the kit brings are what their sources give. After a change of the contract or of `hostile.wat`:
//! `UPDATE_COMPONENTS=1 cargo test -p bot-flow-conformance`.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

use std::path::Path;

use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve, WorldId};

const HOSTILE: &str = "
    package kit:hostile;
    world hostile {
        import wasi:http/types@0.2.2;
        import wasi:http/outgoing-handler@0.2.2;
        export bot:action/form@0.2.0;
        export bot:action/run@0.2.0;
    }";

/// Of the right names, but `run` knows no arguments.
const OTHER_CONTRACT: &str = "
    package bot:action@0.2.0;
    interface form { actions: func(locale: string) -> list<string>; }
    interface run { run: func(action: string) -> string; }
    world component { export form; export run; }";

#[test]
fn the_hostile_component_is_its_source() {
    let mut resolve = Resolve::default();
    resolve.push_dir(in_crate("../../../wit")).unwrap();
    let package = resolve.push_source("hostile.wit", HOSTILE).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    let module = wat::parse_file(in_crate("components/hostile.wat")).unwrap();
    is_kept("hostile.wasm", &encode(module, &resolve, world));
}

#[test]
fn the_component_for_another_contract_is_its_source() {
    let mut resolve = Resolve::default();
    let package = resolve.push_source("other.wit", OTHER_CONTRACT).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    let module = dummy_module(&resolve, world, ManglingAndAbi::Legacy(LiftLowerAbi::Sync));
    is_kept("other-contract.wasm", &encode(module, &resolve, world));
}

fn encode(mut module: Vec<u8>, resolve: &Resolve, world: WorldId) -> Vec<u8> {
    embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8).unwrap();
    let encoder = ComponentEncoder::default().validate(true);
    encoder.module(&module).unwrap().encode().unwrap()
}

fn is_kept(name: &str, bytes: &[u8]) {
    let file = in_crate("components").join(name);
    if std::env::var_os("UPDATE_COMPONENTS").is_some() {
        std::fs::write(&file, bytes).unwrap();
    }
    let kept = std::fs::read(&file).unwrap();
    assert!(
        kept == bytes,
        "components/{name} is not what its source gives; see the head of this test"
    );
}

fn in_crate(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
