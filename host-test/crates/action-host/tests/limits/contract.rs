//! A file that is not a component, or a component for another contract, is rejected when it is loaded, with the reason.

use action_host::{Action, Limits, LoadError, Runtime, Source};
use egress::{AllowList, Client, Options};

use crate::components::{Contract, load};

fn refusal(bytes: &[u8]) -> LoadError {
    let runtime = Runtime::new(Limits::default()).unwrap();
    let client = Client::new(Options::new(AllowList::genesys())).unwrap();
    match load(&runtime, &client, bytes) {
        Ok(_) => panic!("it was loaded"),
        Err(refusal) => refusal,
    }
}

#[test]
fn files_that_are_not_components_are_rejected() {
    let random: Vec<u8> = (0..4096_u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let core_module = wat::parse_str(r#"(module (func (export "authenticate")))"#).unwrap();
    let component = Contract::published().component();
    let cut_off = &component[..component.len() / 2];
    for (said, bytes) in [
        ("it is not WebAssembly", &[][..]),
        ("it is not WebAssembly", &random),
        ("it is a core module", &core_module),
        ("unexpected end-of-file", cut_off),
    ] {
        let refusal = refusal(bytes);
        assert!(
            matches!(refusal, LoadError::NotAComponent(_)),
            "{refusal:?}"
        );
        let words = refusal.to_string();
        assert!(
            words.starts_with("this is not a WebAssembly component that can be loaded: ")
                && words.contains(said),
            "{words}"
        );
    }
}

#[test]
fn the_error_for_a_missing_file_names_it() {
    let runtime = Runtime::new(Limits::default()).unwrap();
    let client = Client::new(Options::new(AllowList::genesys())).unwrap();
    let source = Source::File("/nowhere/action.wasm".into());
    let Err(refusal) = Action::load(&runtime, &source, client) else {
        panic!("it was loaded")
    };
    assert!(matches!(refusal, LoadError::Read { .. }));
    assert!(
        refusal.to_string().contains("/nowhere/action.wasm"),
        "{refusal}"
    );
}

#[test]
fn a_component_for_the_published_contract_is_loaded() {
    let runtime = Runtime::new(Limits::default()).unwrap();
    let client = Client::new(Options::new(AllowList::genesys())).unwrap();
    let component = Contract::published().component();
    assert!(load(&runtime, &client, &component).is_ok());
}

#[test]
fn the_error_for_a_changed_contract_names_what_is_missing() {
    let published = Contract::published;
    let other_version = published().with(
        "package genesys:authentication@0.1.0",
        "package genesys:authentication@0.2.0",
    );
    let no_disconnect = published().with(
        "  disconnect: func(session: session) -> result<_, error>;",
        "",
    );
    let other_parameter =
        published().with("session-name: string)", "session-name: option<string>)");
    let other_result = published().with("expires-in: option<u32>,", "expires-in: option<u64>,");
    let other_case = published().with("    other(string),", "    other(u32),");
    let one_field_more = published().with("    label: string,", "    label: string, icon: string,");
    for (what, contract, said) in [
        (
            "another version",
            other_version,
            "genesys:authentication/oauth@0.1.0",
        ),
        ("a function less", no_disconnect, "disconnect"),
        (
            "another parameter",
            other_parameter,
            "expected `string` found `option`",
        ),
        (
            "another type in a record",
            other_result,
            "expected `u32` found `u64`",
        ),
        (
            "another type in a variant",
            other_case,
            "expected `string` found `u32`",
        ),
        ("a field more", one_field_more, "expected "),
    ] {
        let refusal = refusal(&contract.component());
        println!("{what}: {refusal}");
        assert!(
            matches!(refusal, LoadError::OtherContract(_)),
            "{what}: {refusal:?}"
        );
        let words = refusal.to_string();
        assert!(
            words.starts_with(
                "the component does not implement the contract genesys:authentication@0.1.0 with \
                 bot:action/form@0.1.0: "
            ) && words.contains(said),
            "{what}: {words}"
        );
    }
}
