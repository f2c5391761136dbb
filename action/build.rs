//! Generates the message catalogue of `src/texts.rs` from `locales/`: an enum of the message keys, and a table of the
//! messages for each language. A message that is missing in a language, or that the code uses but no language has, is a
//! compile error.

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs, process};

const LOCALES: [&str; 2] = ["en", "de"];

fn main() {
    println!("cargo::rerun-if-changed=locales");
    let texts = LOCALES.map(read);
    for (locale, other) in [(0, 1), (1, 0)] {
        let missing = texts[other]
            .keys()
            .find(|key| !texts[locale].contains_key(*key));
        if let Some(key) = missing {
            fail(&format!(
                "locales/{}.json has no message for {key:?}",
                LOCALES[locale]
            ));
        }
    }
    let mut code = String::from(
        "/// The key of a message in `locales/`.\n\
         #[derive(Debug, Clone, Copy, PartialEq, Eq)]\n#[repr(usize)]\npub enum Text {\n",
    );
    for (key, text) in &texts[0] {
        let doc = format!("`{text}`");
        code += &format!("    #[doc = {doc:?}]\n    {},\n", variant(key));
    }
    let keys: Vec<_> = texts[0].keys().collect();
    code += &format!("}}\nstatic KEYS: [&str; {}] = {keys:?};\n", keys.len());
    for (locale, texts) in LOCALES.iter().zip(&texts) {
        let (name, count) = (locale.to_uppercase(), texts.len());
        let texts: Vec<_> = texts.values().collect();
        code += &format!("static {name}: [&str; {count}] = {texts:?};\n");
    }
    let out = env::var_os("OUT_DIR").unwrap_or_default();
    if let Err(error) = fs::write(Path::new(&out).join("texts.rs"), code) {
        fail(&format!("the message catalogue cannot be written: {error}"));
    }
}

/// The messages of a locale by their keys. The enum and the tables have the order of the map.
fn read(locale: &str) -> BTreeMap<String, String> {
    let path = format!("locales/{locale}.json");
    fs::read(&path)
        .map_err(|error| error.to_string())
        .and_then(|json| serde_json::from_slice(&json).map_err(|error| error.to_string()))
        .unwrap_or_else(|error| fail(&format!("{path}: {error}")))
}

/// `error.rejected.invalid_client` → `ErrorRejectedInvalidClient`.
fn variant(key: &str) -> String {
    let words = key.split(['.', '-', '_']);
    words
        .map(|word| word[..1].to_uppercase() + &word[1..])
        .collect()
}

fn fail(message: &str) -> ! {
    println!("cargo::error={message}");
    process::exit(1)
}
