//! Components made from the one that misbehaves, which itself runs `behave` with success.

/// `components/hostile.wat`
pub(crate) const HOSTILE: &[u8] = include_bytes!("../components/hostile.wasm");

/// The kind of a section with a core module.
const CORE_MODULE: u8 = 1;

/// In the text format, as a string of bytes.
pub(crate) fn as_text() -> Vec<u8> {
    let mut text = b"(component binary \"".to_vec();
    for byte in HOSTILE {
        text.extend(format!("\\{byte:02x}").into_bytes());
    }
    text.extend(b"\")");
    text
}

/// With another name of a case of `retry`, deep within the type of `run`.
pub(crate) fn with_another_name() -> Vec<u8> {
    let mut component = HOSTILE.to_vec();
    let mut rest = component.as_mut_slice();
    while let Some((first, after)) = rest.split_first_mut() {
        if *first == b'b'
            && let Some((name, _)) = after.split_first_chunk_mut()
            && name == b"ackoff"
        {
            *name = *b"ackofg";
        }
        rest = after;
    }
    component
}

/// With one more core instance, whose memory has 16 MiB.
pub(crate) fn with_more_memory() -> Vec<u8> {
    /// A core module with the section of memories: one, without a maximum, of 256 pages.
    const MODULE: &[u8] = b"\0asm\x01\0\0\0\x05\x04\x01\0\x80\x02";
    const CORE_INSTANCE: u8 = 2;
    /// Without arguments.
    const INSTANTIATE: u8 = 0;
    // One byte is enough for each of these numbers.
    let byte = |number: usize| u8::try_from(number).unwrap_or(u8::MAX);
    let module = [&[CORE_MODULE, byte(MODULE.len())], MODULE].concat();
    let index = byte(core_modules(HOSTILE));
    let instance = [CORE_INSTANCE, 4, 1, INSTANTIATE, index, 0];
    [HOSTILE, &module, &instance].concat()
}

/// How many core modules a component has. Its sections are a kind, a size in LEB128, and so many bytes.
fn core_modules(component: &[u8]) -> usize {
    const PREAMBLE: usize = 8;
    let mut rest = component.get(PREAMBLE..).unwrap_or_default();
    let mut modules = 0;
    while let Some((&kind, after)) = rest.split_first() {
        modules += usize::from(kind == CORE_MODULE);
        let length = after.iter().take_while(|byte| **byte >= 128).count() + 1;
        let size = after.iter().take(length).rev();
        let size = size.fold(0, |size, byte| (size << 7) | usize::from(byte % 128));
        rest = after.get(length + size..).unwrap_or_default();
    }
    modules
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing helper fails its test")]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_that_of_the_component() {
        assert_eq!(wat::parse_bytes(&as_text()).unwrap(), HOSTILE);
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
