//! Components made from the hostile one. Unchanged, that one runs its action `behave` successfully.

/// `components/hostile.wat`
pub(crate) const HOSTILE: &[u8] = include_bytes!("../components/hostile.wasm");

/// How many core modules it has, which is the index of one that is added.
const CORE_MODULES: u8 = 3;

/// The id of a section with a core module.
const CORE_MODULE: u8 = 1;

/// The hostile component in the text format, with its bytes as a string.
pub(crate) fn as_text() -> Vec<u8> {
    let mut text = b"(component binary \"".to_vec();
    for byte in HOSTILE {
        text.extend(format!("\\{byte:02x}").into_bytes());
    }
    text.extend(b"\")");
    text
}

/// The hostile component with one case of `retry` renamed wherever its type is written, deep within the type of `run`.
pub(crate) fn with_another_name() -> Vec<u8> {
    const NAME: &[u8] = b"backoff";
    let mut component = HOSTILE.to_vec();
    let places = HOSTILE.windows(NAME.len()).enumerate();
    for (place, _) in places.filter(|(_, name)| *name == NAME) {
        if let Some(last) = component.get_mut(place + NAME.len() - 1) {
            *last = b'g';
        }
    }
    component
}

/// The hostile component with one more core instance, whose memory is 16 MiB.
pub(crate) fn with_more_memory() -> Vec<u8> {
    /// A core module with the section of memories: one, without a maximum, of 256 pages.
    const MODULE: &[u8] = b"\0asm\x01\0\0\0\x05\x04\x01\0\x80\x02";
    const CORE_INSTANCE: u8 = 2;
    /// Without arguments.
    const INSTANTIATE: u8 = 0;
    // One byte is enough for the size.
    let size = u8::try_from(MODULE.len()).unwrap_or(u8::MAX);
    let module = [&[CORE_MODULE, size], MODULE].concat();
    let instance = [CORE_INSTANCE, 4, 1, INSTANTIATE, CORE_MODULES, 0];
    [HOSTILE, &module, &instance].concat()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing helper fails its test")]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_that_of_the_component() {
        assert_eq!(wat::parse_bytes(&as_text()).unwrap(), HOSTILE);
    }

    /// Core modules are numbered, and the one that is added is instantiated by its number.
    #[test]
    fn the_number_of_core_modules_is_right() {
        let modules = wasmparser::Parser::new(0)
            .parse_all(HOSTILE)
            .filter(|it| matches!(it, Ok(wasmparser::Payload::ModuleSection { .. })));
        assert_eq!(modules.count(), usize::from(CORE_MODULES));
    }

    #[test]
    fn one_case_is_renamed_everywhere() {
        let has =
            |bytes: &[u8], name: &[u8]| bytes.windows(name.len()).filter(|it| *it == name).count();
        let changed = with_another_name();
        let places = has(HOSTILE, b"backoff");
        assert!(places > 0 && has(&changed, b"backoff") == 0);
        let differ = HOSTILE.iter().zip(&changed).filter(|(a, b)| a != b);
        assert_eq!(differ.count(), places);
    }

    #[test]
    fn each_component_is_valid() {
        let engine = wasmtime::Engine::default();
        for component in [with_another_name(), with_more_memory()] {
            assert_ne!(component, HOSTILE);
            wasmtime::component::Component::from_binary(&engine, &component).unwrap();
        }
    }
}
