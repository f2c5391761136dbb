//! What can be judged of a component before it is compiled.
//!
//! Compiling takes time and memory that grow faster than some parts of a component: a file of some kilobytes can be made to
//! take minutes. What actions need is far below these limits. They cannot exclude everything: a host that loads components
//! of strangers should compile them in a process whose time and memory are limited.

use wasmparser::{
    BinaryReaderError, ComponentInstance, ComponentType, ComponentTypeDeclaration, FunctionBody,
    InstanceTypeDeclaration, Operator, Parser, Payload,
};

use super::error::{LoadError, Part};

/// Each limit has its reason: what the largest of the components here has. They were built in debug mode too.
const LIMITS: Counts = Counts {
    // The OAuth action has 600.
    functions: 50_000,
    // 150 KiB.
    code: 16 << 20,
    // 400.
    types: 20_000,
    // 4; a composition of several, some dozens.
    instances: 1_000,
    // Some hundreds.
    table_entries: 1_000_000,
};

/// The largest function, in bytes. One of the OAuth action has 20 KiB.
const MAX_FUNCTION: u64 = 512 << 10;

/// Local variables of a function. One of the OAuth action has 90.
const MAX_LOCALS: u64 = 5_000;

/// Blocks within blocks of a function. A large `match` has some hundreds.
const MAX_BLOCKS: u64 = 2_000;

/// Components and modules within components.
const MAX_NESTING: u64 = 8;

/// What is counted in the whole file.
#[derive(Default)]
struct Counts {
    functions: u64,
    /// In bytes.
    code: u64,
    /// Types, and parts of types.
    types: u64,
    /// What one instance of the component is made of, if each nested component is made of the most that one so far was.
    instances: u64,
    /// Entries that tables have from the beginning. The compiler keeps a list of them.
    table_entries: u64,
}

/// Checks a component that is well-formed so far; what is not, is left to the compiler.
///
/// # Errors
///
/// [`LoadError::TooComplex`]
pub(super) fn check(component: &[u8]) -> Result<(), LoadError> {
    let mut checker = Checker::default();
    for payload in Parser::new(0).parse_all(component) {
        let checked = payload.map_err(Stop::from);
        match checked.and_then(|payload| checker.payload(payload)) {
            Ok(()) => {}
            Err(Stop::Malformed) => return Ok(()),
            Err(Stop::TooComplex { max, what }) => {
                return Err(LoadError::TooComplex { max, what });
            }
        }
    }
    Ok(())
}

/// Why checking ended.
enum Stop {
    Malformed,
    TooComplex { max: u64, what: Part },
}

impl From<BinaryReaderError> for Stop {
    fn from(_: BinaryReaderError) -> Self {
        Self::Malformed
    }
}

#[derive(Default)]
struct Checker {
    counts: Counts,
    /// The components and modules that are being read, each with the number of its instances.
    open: Vec<u64>,
    /// The most that a component is made of.
    largest: u64,
}

impl Checker {
    fn payload(&mut self, payload: Payload<'_>) -> Result<(), Stop> {
        match payload {
            Payload::Version { .. } => {
                self.open.push(0);
                at_most(self.open.len() as u64, MAX_NESTING, Part::Levels)?;
            }
            Payload::End(_) => {
                let instances = self.open.pop().unwrap_or_default();
                self.largest = self.largest.max(instances);
            }
            Payload::TypeSection(types) => self.types(types.count())?,
            Payload::CoreTypeSection(types) => self.types(types.count())?,
            Payload::ComponentTypeSection(types) => {
                for ty in types {
                    self.component_type(&ty?)?;
                }
            }
            Payload::FunctionSection(functions) => {
                self.counts.functions += u64::from(functions.count());
                at_most(self.counts.functions, LIMITS.functions, Part::Functions)?;
            }
            Payload::TableSection(tables) => {
                for table in tables {
                    let entries = table?.ty.initial;
                    self.counts.table_entries = self.counts.table_entries.saturating_add(entries);
                    at_most(
                        self.counts.table_entries,
                        LIMITS.table_entries,
                        Part::TableEntries,
                    )?;
                }
            }
            Payload::CodeSectionEntry(body) => {
                let size = body.range().len() as u64;
                at_most(size, MAX_FUNCTION, Part::FunctionBytes)?;
                self.counts.code += size;
                at_most(self.counts.code, LIMITS.code, Part::CodeBytes)?;
                function(&body)?;
            }
            Payload::InstanceSection(instances) => self.instances(instances.count().into())?,
            Payload::ComponentInstanceSection(instances) => {
                for instance in instances {
                    self.instances(match instance? {
                        ComponentInstance::Instantiate { .. } => self.largest.saturating_add(1),
                        ComponentInstance::FromExports(_) => 1,
                    })?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn types(&mut self, count: u32) -> Result<(), Stop> {
        self.counts.types += u64::from(count);
        at_most(self.counts.types, LIMITS.types, Part::Types)
    }

    fn instances(&mut self, count: u64) -> Result<(), Stop> {
        let Some(instances) = self.open.last_mut() else {
            return Ok(());
        };
        *instances = instances.saturating_add(count);
        at_most(*instances, LIMITS.instances, Part::Instances)
    }

    fn component_type(&mut self, ty: &ComponentType<'_>) -> Result<(), Stop> {
        use wasmparser::ComponentDefinedType as Defined;
        let parts = match ty {
            ComponentType::Defined(Defined::Record(fields)) => fields.len(),
            ComponentType::Defined(Defined::Variant(cases)) => cases.len(),
            ComponentType::Defined(Defined::Tuple(types)) => types.len(),
            ComponentType::Defined(Defined::Flags(names) | Defined::Enum(names)) => names.len(),
            ComponentType::Func(function) => function.params.len(),
            ComponentType::Component(declarations) => {
                for declaration in declarations {
                    if let ComponentTypeDeclaration::Type(ty) = declaration {
                        self.component_type(ty)?;
                    }
                }
                declarations.len()
            }
            ComponentType::Instance(declarations) => {
                for declaration in declarations {
                    if let InstanceTypeDeclaration::Type(ty) = declaration {
                        self.component_type(ty)?;
                    }
                }
                declarations.len()
            }
            _ => 0,
        };
        self.types(u32::try_from(parts).unwrap_or(u32::MAX).saturating_add(1))
    }
}

fn function(body: &FunctionBody<'_>) -> Result<(), Stop> {
    let mut locals = 0_u64;
    for declared in body.get_locals_reader()? {
        locals = locals.saturating_add(declared?.0.into());
    }
    at_most(locals, MAX_LOCALS, Part::Locals)?;
    let mut blocks = 0_u64;
    for operator in body.get_operators_reader()? {
        match operator? {
            Operator::Block { .. }
            | Operator::Loop { .. }
            | Operator::If { .. }
            | Operator::TryTable { .. } => {
                blocks += 1;
                at_most(blocks, MAX_BLOCKS, Part::Blocks)?;
            }
            Operator::End => blocks = blocks.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

fn at_most(count: u64, max: u64, what: Part) -> Result<(), Stop> {
    if count <= max {
        return Ok(());
    }
    Err(Stop::TooComplex { max, what })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(component: &[u8]) -> Option<String> {
        match check(component) {
            Ok(()) => None,
            Err(error) => Some(error.to_string()),
        }
    }

    fn parsed(text: &str) -> Vec<u8> {
        wat::parse_str(text).unwrap()
    }

    /// A component with this many functions of half a MiB. It is built as bytes: as text, it would have hundreds of MiB.
    fn with_large_functions(count: u8) -> Vec<u8> {
        // LEB128 with padding (WebAssembly, section 5.2.2).
        let number = |value: usize| -> Vec<u8> {
            let byte = |n: u32| u8::try_from(value >> (7 * n) & 127).unwrap();
            (0..5)
                .map(|n| byte(n) | if n < 4 { 128 } else { 0 })
                .collect()
        };
        let section =
            |id: u8, content: &[u8]| [&[id], &number(content.len())[..], content].concat();
        // A vector constant of 16 bytes, and `drop`: many bytes in few operators, which are parsed quickly.
        let constant = [&[0xfd, 12][..], &[0; 16], &[0x1a]].concat();
        let size = usize::try_from(MAX_FUNCTION).unwrap();
        let mut body = constant.repeat(size / constant.len());
        // Without local variables, filled up with `nop`.
        body.insert(0, 0);
        body.resize(size - 1, 1);
        body.push(0x0b);
        let function = [&number(body.len())[..], &body].concat();
        let module = [
            b"\0asm\x01\0\0\0".to_vec(),
            section(1, &[1, 0x60, 0, 0]),
            section(3, &[&[count][..], &vec![0; count.into()]].concat()),
            section(10, &[&[count][..], &function.repeat(count.into())].concat()),
        ];
        [b"\0asm\x0d\0\x01\0".to_vec(), section(1, &module.concat())].concat()
    }

    #[test]
    fn the_built_in_component_is_far_below_the_limits() {
        let mut checker = Checker::default();
        for payload in Parser::new(0).parse_all(built_in_component::BYTES) {
            assert!(checker.payload(payload.unwrap()).is_ok());
        }
        let counts = checker.counts;
        for (count, max) in [
            (counts.functions, LIMITS.functions),
            (counts.code, LIMITS.code),
            (counts.types, LIMITS.types),
            (checker.largest, LIMITS.instances),
            (counts.table_entries, LIMITS.table_entries),
        ] {
            assert!(count > 0 && count < max / 10, "{count} of {max}");
        }
    }

    #[test]
    fn what_takes_long_to_compile_is_refused() {
        let module = |fields: &str| format!("(component (core module {fields}))");
        let functions = "(func)".repeat(50_001);
        let locals = format!("(func (local {}))", "i32 ".repeat(5_001));
        let blocks = format!("(func {} {})", "block ".repeat(2_001), "end ".repeat(2_001));
        let large = format!("(func {})", "(drop (i32.const 1))".repeat(200_000));
        let types = "(type (tuple u8 u8 u8))".repeat(5_001);
        let tables = "(table 500000 funcref)".repeat(3);
        let mut nested = "(component)".to_owned();
        for _ in 0..8 {
            nested = format!("(component {nested})");
        }
        // Each component has two instances of the one before.
        let mut doubled = "(component $c0)".to_owned();
        for level in 1..12 {
            let twice = format!("(instance (instantiate $c{}))", level - 1).repeat(2);
            let before = level - 1;
            doubled += &format!(
                "(component $c{level} (alias outer 1 $c{before} (component $c{before})) {twice})"
            );
        }
        for (component, what) in [
            (module(&functions), "more than 50000 functions"),
            (module(&locals), "more than 5000 local variables"),
            (module(&blocks), "more than 2000 blocks"),
            (module(&large), "more than 524288 bytes in a function"),
            (format!("(component {types})"), "more than 20000 types"),
            (module(&tables), "more than 1000000 table entries"),
            (nested, "more than 8 levels of components"),
            (format!("(component {doubled})"), "more than 1000 instances"),
        ]
        .map(|(text, what)| (parsed(&text), what))
        .into_iter()
        .chain([(with_large_functions(33), "more than 16777216 bytes of code")])
        {
            let refusal = refusal(&component).unwrap();
            assert!(refusal.contains(what), "{refusal}");
        }
        assert_eq!(refusal(&parsed(&module("(func)"))), None);
    }
}
