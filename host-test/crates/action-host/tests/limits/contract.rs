//! A file that is not a component, or a component for another contract, is rejected when it is loaded, with the reason.

use action_host::oauth::Oauth;
use action_host::{Host, LoadError};

use crate::components::Contract;

fn host() -> Host {
    Host::builder().build().unwrap()
}

fn refusal(bytes: &[u8]) -> LoadError {
    match host().load(bytes) {
        Ok(_) => panic!("it was loaded"),
        Err(refusal) => refusal,
    }
}

#[test]
fn files_that_are_not_components_are_rejected() {
    let random: Vec<u8> = (0..4096_u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let core_module = wat::parse_str(r#"(module (func (export "run")))"#).unwrap();
    let component = Contract::current().component();
    let cut_off = &component[..component.len() / 2];
    for (said, bytes) in [
        ("it is not WebAssembly", &[][..]),
        ("it is not WebAssembly", &random),
        ("it is a core module", &core_module),
        ("unexpected end-of-file", cut_off),
    ] {
        let refusal = refusal(bytes);
        assert!(
            matches!(
                refusal,
                LoadError::NotWebAssembly | LoadError::CoreModule | LoadError::NotAComponent(_)
            ),
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
    let Err(refusal) = host().load_file("/nowhere/action.wasm".as_ref()) else {
        panic!("it was loaded")
    };
    assert!(matches!(refusal, LoadError::Read { .. }));
    assert!(
        refusal.to_string().contains("/nowhere/action.wasm"),
        "{refusal}"
    );
}

#[test]
fn a_component_for_the_current_contract_is_loaded() {
    let component = host().load(&Contract::current().component()).unwrap();
    // It has no typed interface.
    let Err(refusal) = Oauth::new(component) else {
        panic!("it has one")
    };
    assert!(
        matches!(&refusal, LoadError::OtherContract(what)
            if what.contains("genesys:authentication/oauth@0.2.0")),
        "{refusal}"
    );
    let component = host().load(&Contract::with_oauth().component()).unwrap();
    assert!(Oauth::new(component).is_ok());
}

#[test]
fn the_error_for_a_changed_contract_names_what_is_missing() {
    let changed = |from, to| Contract::current().with(from, to);
    let check = "  check: func(action: string, arguments: list<argument>) -> list<failure>;";
    for (what, contract, said) in [
        (
            "another version",
            changed("package bot:action@0.2.0", "package bot:action@0.3.0"),
            "bot:action/form@0.2.0",
        ),
        ("a function less", changed(check, ""), "check"),
        (
            "another parameter",
            changed("list<argument>)", "option<argument>)"),
            "expected `list` found `option`",
        ),
        (
            "another type in a record",
            changed("expires-in: option<u32>,", "expires-in: option<u64>,"),
            "expected `u32` found `u64`",
        ),
        (
            "another type in a variant",
            changed("    after(u32),", "    after(string),"),
            "expected `u32` found `string`",
        ),
        (
            "a case more",
            changed("    new-token,", "    new-token, new-session,"),
            "expected ",
        ),
        (
            "a field more",
            changed("    label: string,", "    label: string, icon: string,"),
            "expected ",
        ),
    ] {
        let refusal = refusal(&contract.component());
        println!("{what}: {refusal}");
        assert!(
            matches!(refusal, LoadError::OtherContract(_)),
            "{what}: {refusal:?}"
        );
        let words = refusal.to_string();
        assert!(
            words.starts_with("the component does not implement the contract bot:action@0.2.0: ")
                && words.contains(said),
            "{what}: {words}"
        );
    }
}

#[test]
fn the_error_for_a_changed_typed_interface_names_what_is_missing() {
    let changed = |from, to| Contract::with_oauth().with(from, to);
    for (what, contract, said) in [
        (
            "another parameter",
            changed("session-name: string)", "session-name: option<string>)"),
            "expected `string` found `option`",
        ),
        (
            "a function less",
            changed(
                "disconnect: func(session: session) -> result<_, oauth-error>;",
                "",
            ),
            "disconnect",
        ),
        (
            "another type in a record",
            changed("api-url: string,", "api-url: u32,"),
            "expected `string` found `u32`",
        ),
    ] {
        // The contract itself it implements.
        let component = host().load(&contract.component()).unwrap();
        let Err(refusal) = Oauth::new(component) else {
            panic!("{what}: it has the typed interface")
        };
        println!("{what}: {refusal}");
        assert!(
            matches!(&refusal, LoadError::OtherContract(words) if words.contains(said)),
            "{what}: {refusal}"
        );
    }
}
