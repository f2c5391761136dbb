//! `bot-runner inspect`: shows what a component says of itself, its digest, size, imports, exports and forms, or its WIT.

use std::borrow::Cow;

use action_host::form::{Action as FormAction, Field, FieldKind, SessionUse};
use action_host::{Description, Host, digest, read_component};
use anyhow::Context as _;
use serde_json::{Value, json};
use wasmparser::{ComponentName, KnownCustom, Parser, Payload};
use wit_component::{DecodedWasm, WitPrinter};

use super::Outcome;
use super::actions::{field_as_json, output_as_json, request_as_json};
use super::args::Inspect;
use super::compiling;
use super::component_messages as texts;
use super::components::hex;
use super::locale::{language, locale};
use super::output::{self, one_line, printable};

pub(crate) async fn run(args: &Inspect) -> anyhow::Result<Outcome> {
    let host = Host::builder().build()?;
    let bytes = match &args.file {
        Some(file) => Cow::Owned(read_component(file)?),
        None => Cow::Borrowed(built_in_component::BYTES),
    };
    if args.file.is_some() {
        compiling::check(&bytes).await?;
    }
    let description = host.describe(&bytes)?;
    if args.wit {
        output::line(false, printable(&wit(&bytes)?).trim_end());
        return Ok(Outcome::Done);
    }
    let metadata = Metadata::read(&bytes)?;
    let digest = format!("sha256:{}", hex(&digest(&bytes)));
    // Forms are read without network access.
    let actions = host.load(&bytes)?.actions(locale()).await?;
    if args.json {
        let mut json = as_json(&description, &actions);
        for (name, value) in metadata.members() {
            json[name] = value.into();
        }
        json["digest"] = digest.into();
        output::object(&json);
    } else {
        let mut text = String::new();
        let labels = [
            texts::name(language()),
            texts::version(language()),
            texts::license(language()),
            texts::source(language()),
            texts::revision(language()),
        ];
        for (label, (_, value)) in labels.into_iter().zip(metadata.members()) {
            if let Some(value) = value {
                text += &format!("{label:<8} {}\n", one_line(value));
            }
        }
        text += &format!("{:<8} {digest}\n", texts::digest(language()));
        text += &as_text(&description, &actions);
        output::line(false, &text);
    }
    Ok(Outcome::Done)
}

/// What a component says of itself, in the sections that follow the OCI annotations
/// (<https://github.com/WebAssembly/tool-conventions>). Nobody has checked it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Metadata {
    name: Option<String>,
    version: Option<String>,
    license: Option<String>,
    source: Option<String>,
    revision: Option<String>,
}

impl Metadata {
    fn read(component: &[u8]) -> anyhow::Result<Self> {
        let mut metadata = Self::default();
        // The modules and components inside have sections of their own.
        let mut depth = 0;
        for payload in Parser::new(0).parse_all(component) {
            match payload? {
                Payload::Version { .. } => depth += 1,
                Payload::End(_) => depth -= 1,
                Payload::CustomSection(section) if depth == 1 => {
                    let text = || Some(String::from_utf8_lossy(section.data()).into_owned());
                    match section.name() {
                        "version" => metadata.version = text(),
                        "licenses" => metadata.license = text(),
                        "source" => metadata.source = text(),
                        "revision" => metadata.revision = text(),
                        _ => {}
                    }
                    if let KnownCustom::ComponentName(names) = section.as_known() {
                        metadata.name = names.into_iter().find_map(|name| match name {
                            Ok(ComponentName::Component { name, .. }) => Some(name.to_owned()),
                            _ => None,
                        });
                    }
                }
                _ => {}
            }
        }
        Ok(metadata)
    }

    fn members(&self) -> [(&'static str, Option<&str>); 5] {
        [
            ("name", self.name.as_deref()),
            ("version", self.version.as_deref()),
            ("license", self.license.as_deref()),
            ("source", self.source.as_deref()),
            ("revision", self.revision.as_deref()),
        ]
    }
}

/// The WIT of a component, without documentation, which a component does not have.
fn wit(component: &[u8]) -> anyhow::Result<String> {
    let decoded = wit_component::decode(component).context(texts::no_wit(language()))?;
    let resolve = match &decoded {
        DecodedWasm::Component(resolve, _) | DecodedWasm::WitPackage(resolve, _) => resolve,
    };
    let main = decoded.package();
    let others: Vec<_> = resolve
        .packages
        .iter()
        .map(|(id, _)| id)
        .filter(|id| *id != main)
        .collect();
    let mut printer = WitPrinter::default();
    printer.print(resolve, main, &others)?;
    Ok(printer.output.to_string())
}

/// Nobody has checked what the component says: each of its texts stays on its line.
fn as_text(description: &Description, actions: &[FormAction]) -> String {
    let size = texts::bytes(language(), description.size);
    let mut text = format!("{:<8} {size}\n", texts::size(language()));
    for import in &description.imports {
        text += &format!("{:<8} {import}\n", texts::imports(language()));
    }
    for (name, functions) in &description.exports {
        let (label, functions) = (texts::exports(language()), functions.join(", "));
        text += &format!("{label:<8} {name}: {functions}\n");
    }
    for action in actions {
        text += &format!(
            "\n{}  ({})\n  {}\n",
            one_line(&action.path.join(" > ")),
            one_line(&action.name),
            one_line(&action.description)
        );
        for field in &action.fields {
            text += &field_as_text(field);
        }
    }
    text.trim_end().into()
}

fn field_as_text(field: &Field) -> String {
    let label = one_line(&field.label);
    let mut text = format!(
        "\n  {label}  ({}, {})\n",
        one_line(&field.name),
        field.kind.name()
    );
    if let Some(condition) = &field.shown_when {
        let (other, value) = (one_line(&condition.field), one_line(&condition.value));
        text += &format!("    {}\n", texts::shown_when(language(), other, value));
    }
    if let Some(default) = &field.default {
        text += &format!("    {}\n", texts::default(language(), one_line(default)));
    }
    text += &format!("    {}\n", one_line(&field.help));
    if let FieldKind::Choice(options) = &field.kind {
        for option in options {
            text += &format!(
                "    - {}  ({})\n",
                one_line(&option.label),
                one_line(&option.value)
            );
        }
    }
    text
}

fn as_json(description: &Description, actions: &[FormAction]) -> Value {
    let field = |field: &Field| field_as_json(&field.clone().into());
    let action = |action: &FormAction| {
        json!({
            "name": action.name,
            "path": action.path,
            "description": action.description,
            "fields": action.fields.iter().map(field).collect::<Vec<_>>(),
            "session": match action.session {
                SessionUse::None => "none",
                SessionUse::Opens => "opens",
                SessionUse::Uses => "uses",
                SessionUse::Closes => "closes",
            },
            "outputs": action.outputs.iter().map(output_as_json).collect::<Vec<_>>(),
            "repeatable": action.repeatable,
            "requests": action.requests.iter().map(request_as_json).collect::<Vec<_>>(),
        })
    };
    json!({
        "size": description.size,
        "imports": description.imports,
        "exports": description
            .exports
            .iter()
            .map(|(name, functions)| json!({ "name": name, "functions": functions }))
            .collect::<Vec<_>>(),
        "actions": actions.iter().map(action).collect::<Vec<_>>(),
    })
}
