//! The components whose actions bots can use: the built-in one, those in the operator's folder, and those named on the
//! command line; and what each of them may request.
//!
//! What a component asks for is only a request. What it may send is the grant for its digest, which the operator has given
//! with `bot-runner component grant` and which `grants.json` in the folder records. A component without a grant is not
//! loaded. The built-in one has a grant that is compiled in. Another file that replaces it needs a grant like any other.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use action_host::{Components, Grant, Host, RequestRule, digest, form, read_component};
use anyhow::{Context, anyhow, bail, ensure};
use bot_engine::{Catalogue, JsonFault};
use serde_json::{Value, json};

use super::compiling;
use super::component_messages as texts;
use super::config::defaults;
use super::environment::variable;
use super::locale::language;
use super::options::ComponentOptions;
use super::output;
use super::{messages, text_file};

/// The name of the built-in component.
pub(crate) const BUILT_IN: &str = "genesys";

/// The environment variable with the folder.
const FOLDER: &str = "BOT_RUNNER_COMPONENTS";

/// The file with the grants, in the folder.
const GRANTS: &str = "grants.json";

/// The largest file with grants, in bytes.
const MAX_GRANTS: usize = 4 << 20;

/// What the operator has granted, by the digest of the component in hexadecimal.
#[derive(Debug, Default)]
pub(crate) struct Grants(BTreeMap<String, GrantRecord>);

/// A grant, as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct GrantRecord {
    /// The component's name when it was granted, for people.
    pub(crate) component: String,
    pub(crate) requests: Vec<RequestRule>,
}

/// Loads all components, and the catalogue of their actions.
pub(crate) async fn load(
    host: &Host,
    options: &ComponentOptions,
) -> anyhow::Result<(Components, Catalogue)> {
    let mut components = Components::default();
    let folder = folder(options)?;
    let files = files(options, folder.as_deref())?;
    if files.iter().all(|(name, _)| name != BUILT_IN) {
        let built_in = host.load(built_in_component::BYTES)?;
        components.add(BUILT_IN, built_in.with_grant(Grant::genesys_oauth()))?;
    }
    let grants = Grants::in_folder(folder.as_deref())?;
    for (name, file) in files {
        let context = || texts::component(language(), &name);
        let bytes = read_component(&file).with_context(context)?;
        let grant = match grants.get(&digest(&bytes)) {
            Some(record) => record.grant()?,
            None if name == BUILT_IN && bytes == built_in_component::BYTES => {
                Grant::genesys_oauth()
            }
            // Without it, no bot could open a session.
            None if name == BUILT_IN => {
                bail!(texts::replacement_without_grant(
                    language(),
                    name,
                    file.display()
                ))
            }
            None => {
                let files = match &folder {
                    Some(folder) if file.starts_with(folder) => {
                        format!("--components {}", folder.display())
                    }
                    Some(folder) => {
                        format!(
                            "--component {name}={} --components {}",
                            file.display(),
                            folder.display()
                        )
                    }
                    None => format!("--component {name}={} --components DIR", file.display()),
                };
                output::warn(&messages::no_grant(language(), &name, files));
                continue;
            }
        };
        compiling::check(&bytes).await.with_context(context)?;
        let component = host.load(&bytes).with_context(context)?;
        components.add(&name, component.with_grant(grant))?;
    }
    let catalogue = Catalogue::load(&components).await?;
    Ok((components, catalogue))
}

/// The operator's folder, if there is one.
pub(crate) fn folder(options: &ComponentOptions) -> anyhow::Result<Option<PathBuf>> {
    use secrecy::ExposeSecret;
    Ok(match &options.components {
        Some(folder) => Some(folder.clone()),
        None => variable(FOLDER)?
            .filter(|folder| !folder.expose_secret().is_empty())
            .map(|folder| folder.expose_secret().into())
            .or_else(|| defaults().components.clone()),
    })
}

/// The files of the components on the command line and in the folder, with their names.
pub(crate) fn files(
    options: &ComponentOptions,
    folder: Option<&Path>,
) -> anyhow::Result<Vec<(String, PathBuf)>> {
    let mut files = options.files();
    if let Some(folder) = folder {
        files.extend(files_in(folder)?);
    }
    for (name, file) in &files {
        Components::check_name(name).with_context(|| file.display().to_string())?;
    }
    Ok(files)
}

/// The components in a folder: `name.wasm` is the component `name`.
fn files_in(folder: &Path) -> anyhow::Result<Vec<(String, PathBuf)>> {
    let context = || texts::components_in(language(), folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(context)? {
        let path = entry.with_context(context)?.path();
        if path.extension().is_some_and(|it| it == "wasm") {
            let name = path.file_stem().and_then(|it| it.to_str());
            let name = name.with_context(|| texts::no_valid_name(language(), path.display()))?;
            ensure!(
                name != BUILT_IN,
                texts::name_of_built_in(language(), path.display(), BUILT_IN)
            );
            files.push((name.to_owned(), path));
        }
    }
    files.sort();
    Ok(files)
}

/// Refuses a path that another user owns or can write to: they could grant a component anything.
fn refuse_writable_by_others(path: &Path) -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let metadata = fs::metadata(path)?;
        let owners = [0, rustix::process::geteuid().as_raw()];
        ensure!(
            owners.contains(&metadata.uid()),
            texts::owned_by_another(language(), path.display())
        );
        ensure!(
            metadata.mode() & 0o022 == 0,
            texts::writable_by_others(language(), path.display())
        );
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Options that open a file for writing. If they create it, only its owner may write to it.
fn writable_by_owner_only() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o644);
    options
}

impl Grants {
    /// The grants of the operator's folder, if there is one.
    pub(crate) fn in_folder(folder: Option<&Path>) -> anyhow::Result<Self> {
        folder.map_or_else(|| Ok(Self::default()), Self::read)
    }

    /// The grants in a folder. Empty if the folder has no such file.
    pub(crate) fn read(folder: &Path) -> anyhow::Result<Self> {
        let file = folder.join(GRANTS);
        let context = || texts::grants_in(language(), file.display());
        refuse_writable_by_others(folder).with_context(context)?;
        let json = match text_file::read(&file, MAX_GRANTS) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            read => read.with_context(context)?,
        };
        refuse_writable_by_others(&file).with_context(context)?;
        let json: Value = serde_json::from_str(&json).map_err(|error| {
            let fault = JsonFault::of(&error).message(language());
            anyhow!(texts::not_json(language(), context(), fault))
        })?;
        let grants = json["grants"]
            .as_object()
            .with_context(|| texts::no_grants_member(language(), context()))?;
        let grants = grants.iter().map(|(digest, record)| {
            let invalid = || texts::invalid_grant(language(), context(), digest);
            let record = GrantRecord::from_json(record).with_context(invalid)?;
            record.grant().with_context(invalid)?;
            Ok((digest.clone(), record))
        });
        Ok(Self(grants.collect::<anyhow::Result<_>>()?))
    }

    /// Locks the grants of a folder against other commands that change them, until the file is dropped.
    pub(crate) fn lock(folder: &Path) -> anyhow::Result<fs::File> {
        let path = folder.join(format!(".{GRANTS}.lock"));
        let context = || texts::cannot_lock(language(), path.display());
        refuse_writable_by_others(folder).with_context(context)?;
        let file = writable_by_owner_only()
            .truncate(false)
            .open(&path)
            .with_context(context)?;
        file.lock().with_context(context)?;
        Ok(file)
    }

    /// Replaces the file with the grants as a whole, so that none is lost if this is interrupted.
    pub(crate) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let file = folder.join(GRANTS);
        let grants: BTreeMap<_, _> = self
            .0
            .iter()
            .map(|(digest, it)| (digest, it.as_json()))
            .collect();
        let json = serde_json::to_string_pretty(&json!({ "grants": grants }))? + "\n";
        ensure!(
            json.len() <= MAX_GRANTS,
            texts::too_many_grants(language(), MAX_GRANTS >> 20)
        );
        let new = folder.join(format!(".{GRANTS}.{}", std::process::id()));
        let write = || {
            let mut opened = writable_by_owner_only().truncate(true).open(&new)?;
            opened.write_all(json.as_bytes())?;
            opened.sync_all()?;
            fs::rename(&new, &file)
        };
        write()
            .inspect_err(|_| drop(fs::remove_file(&new)))
            .with_context(|| texts::cannot_write_grants(language(), file.display()))
    }

    pub(crate) fn get(&self, digest: &[u8; 32]) -> Option<&GrantRecord> {
        self.0.get(&hex(digest))
    }

    pub(crate) fn insert(&mut self, digest: &[u8; 32], record: GrantRecord) {
        self.0.insert(hex(digest), record);
    }

    /// Removes the grants of a component: of all versions that were granted under this name, and of this digest, whose
    /// file may have had another name then. Returns how many there were.
    pub(crate) fn remove(&mut self, component: &str, digest: Option<&[u8; 32]>) -> usize {
        let before = self.0.len();
        let digest = digest.map(|it| hex(it));
        self.0.retain(|granted, record| {
            record.component != component && digest.as_ref() != Some(granted)
        });
        before - self.0.len()
    }
}

impl GrantRecord {
    pub(crate) fn grant(&self) -> anyhow::Result<Grant> {
        Ok(Grant::new(self.requests.iter().cloned())?)
    }

    fn as_json(&self) -> Value {
        let rule = |rule: &RequestRule| {
            json!({
                "hosts": rule.hosts, "methods": rule.methods, "paths": rule.paths, "headers": rule.headers,
            })
        };
        json!({
            "component": self.component,
            "requests": self.requests.iter().map(rule).collect::<Vec<_>>(),
        })
    }

    fn from_json(json: &Value) -> Option<Self> {
        let texts = |json: &Value| -> Option<Vec<String>> {
            let items = json.as_array()?.iter();
            items.map(|it| it.as_str().map(str::to_owned)).collect()
        };
        let rule = |json: &Value| {
            Some(RequestRule {
                hosts: texts(&json["hosts"])?,
                methods: texts(&json["methods"])?,
                paths: texts(&json["paths"])?,
                headers: texts(&json["headers"])?,
            })
        };
        Some(Self {
            component: json["component"].as_str()?.into(),
            requests: json["requests"]
                .as_array()?
                .iter()
                .map(rule)
                .collect::<Option<_>>()?,
        })
    }
}

/// What the actions of a component ask for, without repetitions.
pub(crate) fn requested(actions: &[form::Action]) -> Vec<RequestRule> {
    let mut rules = Vec::new();
    for request in actions.iter().flat_map(|action| &action.requests) {
        let rule = RequestRule {
            hosts: request.hosts.clone(),
            methods: request.methods.clone(),
            paths: request.paths.clone(),
            headers: request.headers.clone(),
        };
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    rules
}

pub(crate) fn hex(digest: &[u8]) -> String {
    let mut hex = String::new();
    for byte in digest {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
