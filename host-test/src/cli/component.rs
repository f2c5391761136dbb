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
use super::components::{GrantRecord, Grants, files, folder, hex, requested};
use super::options::ComponentOptions;
use super::output::{self, printable};

pub(crate) async fn run(args: &ComponentArgs) -> anyhow::Result<Outcome> {
    match (&args.command, &args.output) {
        (None, Some(file)) | (Some(ComponentCommand::Export { output: file }), _) => {
            fs::write(file, built_in_component::BYTES)
                .with_context(|| file.display().to_string())?;
        }
        (None, None) => bail!("expected a command, such as `bot-runner component list`"),
        (Some(ComponentCommand::List { components, json }), _) => list(components, *json)?,
        (Some(ComponentCommand::Show { name, components }), _) => {
            let component = load(components, name).await?;
            let actions = actions(name, &component).await?;
            output::line(
                false,
                printable(&described(name, &component, &actions)).trim_end(),
            );
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
            ensure!(removed > 0, "the component {name} has no grant");
            grants.write(&folder)?;
            output::progress(
                false,
                &format!(
                    "{name} may no longer send requests; restart a running Control Room for this to take effect"
                ),
            );
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
    for (name, digest, granted) in components {
        let granted = if granted { "granted" } else { "not granted" };
        output::line(false, &format!("{name:<24} {granted:<12} sha256:{digest}"));
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
            "the component {} is sha256:{digest}, not the one that was to be granted",
            args.name
        );
    }
    let requests = requested(&actions(&args.name, &component).await?);
    let record = GrantRecord {
        component: args.name.clone(),
        requests,
    };
    record
        .grant()
        .context("what the component asks for cannot be granted")?;
    let text = rules(&record.requests);
    let _lock = Grants::lock(&folder)?;
    let mut grants = Grants::read(&folder)?;
    grants.insert(component.digest(), record);
    grants.write(&folder)?;
    output::progress(
        false,
        printable(&format!(
            "{} (sha256:{digest}) may now send\n{text}",
            args.name
        ))
        .trim_end(),
    );
    Ok(())
}

fn required_folder(options: &ComponentOptions) -> anyhow::Result<PathBuf> {
    folder(options)?
        .context("name the folder with the components: --components DIR, or BOT_RUNNER_COMPONENTS")
}

/// The file of a component on the command line or in the folder.
fn find(options: &ComponentOptions, name: &str) -> anyhow::Result<PathBuf> {
    let folder = folder(options)?;
    let files = files(options, folder.as_deref())?;
    let found = files.into_iter().find(|(other, _)| other == name);
    found.map(|(_, file)| file).with_context(|| match folder {
        Some(folder) => format!("there is no component {name} in {}", folder.display()),
        None => format!(
            "there is no component {name}; name its folder with --components DIR, or its file with --component"
        ),
    })
}

/// What a component says of its actions, in the language in which it is granted, so that nothing else is granted than is
/// shown. It is checked first: texts with line breaks could imitate this program's own.
async fn actions(name: &str, component: &Component) -> anyhow::Result<Vec<form::Action>> {
    let actions = component.actions("en").await?;
    if let Err(problem) = Catalogue::check(&actions) {
        bail!("the component {name} describes its actions wrongly: {problem}");
    }
    let rules = requested(&actions);
    let parts = rules
        .iter()
        .flat_map(|it| [&it.hosts, &it.methods, &it.paths, &it.headers]);
    let mut parts = parts.flatten();
    ensure!(
        !parts.any(|it| it.chars().any(char::is_control)),
        "the component {name} asks for requests with control characters"
    );
    Ok(actions)
}

/// A component, which may send nothing.
async fn load(options: &ComponentOptions, name: &str) -> anyhow::Result<Component> {
    let context = || format!("the component {name}");
    let bytes = read_component(&find(options, name)?).with_context(context)?;
    compiling::check(&bytes).await.with_context(context)?;
    Host::builder().build()?.load(&bytes).with_context(context)
}

fn described(name: &str, component: &Component, actions: &[form::Action]) -> String {
    let mut text = format!(
        "{name}  sha256:{}\n\nIts actions:\n",
        hex(component.digest())
    );
    for action in actions {
        text += &format!("  {name}/{}  {}\n", action.name, action.path.join(" > "));
    }
    text += "\nIt asks for:\n";
    text + &rules(&requested(actions))
}

fn rules(rules: &[RequestRule]) -> String {
    if rules.is_empty() {
        return "  no requests\n".into();
    }
    let mut text = String::new();
    for (number, rule) in rules.iter().enumerate() {
        text += &format!("  {} to {}", rule.methods.join(", "), rule.paths.join(", "));
        if !rule.headers.is_empty() {
            text += &format!(", with the header {}", rule.headers.join(", "));
        }
        text.push('\n');
        // Most rules are for the same hosts.
        let next = rules.get(number + 1);
        if next.is_none_or(|next| next.hosts != rule.hosts) {
            text += &format!("    at {}\n", rule.hosts.join(", "));
        }
    }
    text
}
