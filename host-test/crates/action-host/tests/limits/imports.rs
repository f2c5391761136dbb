//! A component with an import that is not granted is rejected when it is loaded.

use action_host::{Component, Host, LoadError};

fn load_text(text: &str) -> Result<Component, LoadError> {
    let host = Host::builder().build().unwrap();
    host.load(&wat::parse_str(text).unwrap())
}

#[test]
fn a_component_with_an_import_that_is_not_granted_is_refused_by_name() {
    for import in [
        "wasi:sockets/tcp@0.2.2",
        "wasi:filesystem/types@0.2.2",
        "wasi:random/random@0.2.2",
        "wasi:clocks/wall-clock@0.2.2",
        "own:thing/api@1.0.0",
        "own:thing/api",
        "wasi:http/types@0.3.0",
        "wasi:http/incoming-handler@0.2.2",
    ] {
        let text = format!(r#"(component (import "{import}" (instance)))"#);
        let Err(refusal) = load_text(&text) else {
            panic!("{import} is granted")
        };
        assert!(
            matches!(&refusal, LoadError::ImportNotGranted(name) if name == import),
            "{import}: {refusal:?}"
        );
        assert_eq!(
            refusal.to_string(),
            format!(
                "the component imports {import}, which actions do not get; they may import \
                 wasi:http and what its types need"
            )
        );
    }
}

#[test]
fn a_function_of_a_granted_interface_that_does_not_exist_is_refused_by_name() {
    let text = r#"(component
        (import "wasi:cli/exit@0.2.2" (instance (export "explode" (func)))))"#;
    let Err(refusal) = load_text(text) else {
        panic!("it was loaded")
    };
    assert!(matches!(refusal, LoadError::OtherImport(_)), "{refusal:?}");
    let words = refusal.to_string();
    assert!(
        words.contains("wasi:cli/exit@0.2.2") && words.contains("explode"),
        "{words}"
    );
}
