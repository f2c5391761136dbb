//! `bot-runner component`: what the components in the operator's folder ask for, and what is granted to them.

use std::fs;
use std::path::PathBuf;

use action_host::{Component, Host, RequestRule, digest, form, read_component};
use anyhow::{Context, bail, ensure};
use bot_engine::Catalogue;
use serde_json::json;

use super::Outcome;
use super::args::{ComponentArgs, ComponentCommand, GrantArgs};
use super::compiling;
use super::component_messages as texts;
use super::components::{GrantRecord, Grants, files, folder, hex, requested};
use super::locale::language;
use super::options::ComponentOptions;
use super::output::{self, printable};

pub(crate) async fn run(args: &ComponentArgs) -> anyhow::Result<Outcome> {
    match (&args.command, &args.output) {
        (None, Some(file)) | (Some(ComponentCommand::Export { output: file }), _) => {
            fs::write(file, built_in_component::BYTES)
                .with_context(|| file.display().to_string())?;
        }
        (None, None) => bail!(texts::expected_command(language())),
        (Some(ComponentCommand::List { components, json }), _) => list(components, *json)?,
        (Some(ComponentCommand::Show { name, components }), _) => {
            let component = load(components, name).await?;
            let actions = actions(name, &component).await?;
            let grants = Grants::in_folder(folder(components)?.as_deref())?;
            let text = described(name, &component, &actions);
            let text = text + &granted(grants.get(component.digest()));
            output::line(false, printable(&text).trim_end());
        }
        (Some(ComponentCommand::Grant(args)), _) => grant(args).await?,
        (Some(ComponentCommand::Revoke { name, components }), _) => {
            let folder = required_folder(components)?;
            let _lock = Grants::lock(&folder)?;
            let mut grants = Grants::read(&folder)?;
            // A file that is missing or cannot be read must not prevent this.
            let file = find(components, name).and_then(|file| Ok(read_component(&file)?));
            let digest = file.ok().map(|bytes| digest(&bytes));
            let removed = grants.remove(name, digest.as_ref());
            ensure!(removed > 0, texts::nothing_granted(language(), name));
            grants.write(&folder)?;
            output::progress(false, &texts::no_longer_granted(language(), name));
        }
    }
    Ok(Outcome::Done)
}

fn list(options: &ComponentOptions, json: bool) -> anyhow::Result<()> {
    let folder = required_folder(options)?;
    let grants = Grants::read(&folder)?;
    let mut components = Vec::new();
    for (name, file) in files(options, Some(&folder))? {
        let digest = digest(&read_component(&file)?);
        let is_granted = grants.get(&digest).is_some();
        components.push((name, hex(&digest), is_granted));
    }
    if json {
        let components: Vec<_> = components
            .iter()
            .map(|(name, digest, granted)| json!({ "name": name, "digest": digest, "granted": granted }))
            .collect();
        output::object(&json!({ "components": components }));
        return Ok(());
    }
    let (granted, not_granted) = (texts::granted(language()), texts::not_granted(language()));
    let width = not_granted.len() + 1;
    output::say_if_empty(&components);
    for (name, digest, is_granted) in components {
        let grant = if is_granted { granted } else { not_granted };
        output::line(
            false,
            &format!("{name:<24} {grant:<width$} sha256:{digest}"),
        );
    }
    Ok(())
}

/// Grants what the component asks for, for this digest. Another version needs another grant.
async fn grant(args: &GrantArgs) -> anyhow::Result<()> {
    let folder = required_folder(&args.components)?;
    let component = load(&args.components, &args.name).await?;
    let digest = hex(component.digest());
    if let Some(expected) = &args.digest {
        let expected = expected.strip_prefix("sha256:").unwrap_or(expected);
        ensure!(
            digest.eq_ignore_ascii_case(expected),
            texts::other_digest(language(), &args.name, &digest)
        );
    }
    let requests = requested(&actions(&args.name, &component).await?);
    let record = GrantRecord {
        component: args.name.clone(),
        requests,
    };
    record.grant().context(texts::cannot_grant(language()))?;
    let rules = rules(&record.requests);
    let _lock = Grants::lock(&folder)?;
    let mut grants = Grants::read(&folder)?;
    grants.insert(component.digest(), record);
    grants.write(&folder)?;
    let granted = texts::may_now_send(language(), &args.name, digest);
    output::progress(false, printable(&format!("{granted}\n{rules}")).trim_end());
    Ok(())
}

fn required_folder(options: &ComponentOptions) -> anyhow::Result<PathBuf> {
    folder(options)?.context(texts::name_the_components(language()))
}

/// The file of a component on the command line or in the folder.
fn find(options: &ComponentOptions, name: &str) -> anyhow::Result<PathBuf> {
    let folder = folder(options)?;
    let files = files(options, folder.as_deref())?;
    let found = files.into_iter().find(|(other, _)| other == name);
    found.map(|(_, file)| file).with_context(|| match folder {
        Some(folder) => texts::no_component_in(language(), name, folder.display()),
        None => texts::no_component(language(), name),
    })
}

/// What a component says of its actions, in the language in which it is granted, so that nothing else is granted than is
/// shown. It is checked first: texts with line breaks could imitate this program's own.
async fn actions(name: &str, component: &Component) -> anyhow::Result<Vec<form::Action>> {
    let actions = component.actions("en").await?;
    if let Err(fault) = Catalogue::check(&actions) {
        let fault = fault.message(language());
        bail!(texts::wrong_form(language(), name, fault));
    }
    let rules = requested(&actions);
    let parts = rules
        .iter()
        .flat_map(|it| [&it.hosts, &it.methods, &it.paths, &it.headers]);
    let mut parts = parts.flatten();
    ensure!(
        !parts.any(|it| it.chars().any(char::is_control)),
        texts::unprintable_requests(language(), name)
    );
    Ok(actions)
}

/// A component, which may send nothing.
async fn load(options: &ComponentOptions, name: &str) -> anyhow::Result<Component> {
    let context = || texts::component(language(), name);
    let bytes = read_component(&find(options, name)?).with_context(context)?;
    compiling::check(&bytes).await.with_context(context)?;
    Host::builder().build()?.load(&bytes).with_context(context)
}

fn described(name: &str, component: &Component, actions: &[form::Action]) -> String {
    let (its_actions, it_asks_for) = (
        texts::its_actions(language()),
        texts::it_asks_for(language()),
    );
    let mut text = format!(
        "{name}  sha256:{}\n\n{its_actions}\n",
        hex(component.digest())
    );
    for action in actions {
        text += &format!("  {name}/{}  {}\n", action.name, action.path.join(" > "));
    }
    text += &format!("\n{it_asks_for}\n");
    text + &rules(&requested(actions))
}

/// What it may send, which is less than it asks for if the operator has edited the grant.
fn granted(grant: Option<&GrantRecord>) -> String {
    match grant {
        Some(grant) => format!(
            "\n{}\n{}",
            texts::it_is_granted(language()),
            rules(&grant.requests)
        ),
        None => format!("\n{}\n", texts::it_has_no_grant(language())),
    }
}

fn rules(rules: &[RequestRule]) -> String {
    if rules.is_empty() {
        return format!("  {}\n", texts::no_requests(language()));
    }
    let mut text = String::new();
    for (number, rule) in rules.iter().enumerate() {
        let (methods, paths) = (rule.methods.join(", "), rule.paths.join(", "));
        text += &format!("  {}", texts::requests_to(language(), methods, paths));
        if !rule.headers.is_empty() {
            text += &texts::with_headers(language(), rule.headers.join(", "));
        }
        text.push('\n');
        // Most rules are for the same hosts.
        let next = rules.get(number + 1);
        if next.is_none_or(|next| next.hosts != rule.hosts) {
            let hosts = texts::at_hosts(language(), rule.hosts.join(", "));
            text += &format!("    {hosts}\n");
        }
    }
    text
}
