//! Tries what the release workflow does with an OCI registry, against one on loopback: push, pull by digest, compare.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use xtask::process::{output, succeeds};

use crate::files::sha256;
use crate::wit;

/// Pushes all components and WIT packages in `out`, and pulls them again. Also builds the WIT package in `root` as others
/// would.
///
/// # Errors
///
/// If the registry or its client is missing, or a file comes back changed.
pub(crate) fn try_out(root: &Path, out: &Path, folder: &Path) -> Result<()> {
    let temporary = tempfile::tempdir()?;
    let registry = Registry::start(temporary.path())?;
    let client = Client::find(folder);
    println!("\nA registry at {}, {client:?}:", registry.address);
    let mut pushed = 0;
    for (name, bytes) in crate::read(out)? {
        let Some(repository) = name.strip_suffix(".wasm") else {
            continue;
        };
        let repository = format!("{}/release/{repository}", registry.address);
        let reference = format!("{repository}:{}", env!("CARGO_PKG_VERSION"));
        let digest = client.push(&registry, &reference, &out.join(&name))?;
        let pulled = temporary.path().join(&name);
        client.pull(&registry, &format!("{repository}@{digest}"), &pulled)?;
        let pulled = sha256(&fs::read(pulled)?);
        println!("{name}\n  pushed    manifest {digest}\n  pulled    sha256:{pulled}");
        ensure!(pulled == sha256(&bytes), "{name} came back changed");
        ensure!(
            registry.has_blob(&pulled),
            "the registry has no blob {pulled}"
        );
        pushed += 1;
    }
    ensure!(pushed > 0, "there is nothing to push in {}", out.display());
    let built = temporary.path().join("built.wasm");
    client.build_wit(root, &built)?;
    let released = fs::read(out.join("genesys-authentication.wit.wasm"))?;
    ensure!(
        wit::text(&fs::read(built)?)? == wit::text(&released)?,
        "the package that {client:?} builds is another one"
    );
    println!("wit/ builds to the same package");
    Ok(())
}

/// The digest in what a client prints, by the shell command with which the release workflow takes it out.
fn digest_in(printed: &str) -> Result<String> {
    let workflow = include_str!("../../../../.github/workflows/release.yml");
    let push = workflow.lines().find(|line| line.contains("oci push"));
    let filter = push.and_then(|line| line.split_once(" | ")?.1.strip_suffix(')'));
    let filter = filter.context("release.yml does not read the digest of what it pushes")?;
    let script = format!("printf %s \"$0\" | {filter}");
    let digest = output(Command::new("sh").args(["-c", &script, printed]))?;
    ensure!(!digest.is_empty(), "no digest in: {printed}");
    Ok(digest.trim_end().into())
}

/// A registry on loopback. It is stopped on drop.
struct Registry {
    process: Child,
    address: String,
    data: PathBuf,
}

impl Registry {
    fn start(folder: &Path) -> Result<Self> {
        let data = folder.join("data");
        let config = folder.join("registry.yml");
        // Its configuration is YAML, and so may be JSON.
        let settings = json!({
            "version": "0.1",
            "storage": { "filesystem": { "rootdirectory": data } },
            "http": { "addr": "127.0.0.1:0" },
        });
        fs::write(&config, settings.to_string())?;
        let process = Command::new("docker-registry")
            .arg("serve")
            .arg(config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context(
                "docker-registry does not start; on Debian, install the package of this name",
            )?;
        let mut registry = Self {
            process,
            address: String::new(),
            data,
        };
        let errors = registry.process.stderr.take().context("standard error")?;
        let mut lines = BufReader::new(errors).lines();
        for line in lines.by_ref() {
            let line = line?;
            if let Some((_, address)) = line.split_once("listening on ") {
                let end = address.find(|it: char| it != '.' && it != ':' && !it.is_ascii_digit());
                address[..end.unwrap_or(address.len())].clone_into(&mut registry.address);
                break;
            }
        }
        ensure!(
            !registry.address.is_empty(),
            "docker-registry did not start"
        );
        // It would stop if nobody read what it logs.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Ok(registry)
    }

    /// Whether it stores a file under this digest.
    fn has_blob(&self, digest: &str) -> bool {
        let blobs = self.data.join("docker/registry/v2/blobs/sha256");
        blobs.join(&digest[..2]).join(digest).join("data").is_file()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A client of OCI registries that knows the artifact type for WebAssembly.
#[derive(Debug)]
enum Client {
    /// `wkg`, which the release workflow uses.
    Wkg,
    /// wasmCloud's `wash`, which is built on the same library.
    Wash(PathBuf),
}

impl Client {
    fn find(folder: &Path) -> Self {
        if succeeds(Command::new("wkg").arg("--version")) {
            Self::Wkg
        } else {
            Self::Wash(folder.join("python/bin/wash"))
        }
    }

    /// Pushes a file and returns the digest of its manifest.
    fn push(&self, registry: &Registry, reference: &str, file: &Path) -> Result<String> {
        let mut command = self.command("push", registry);
        digest_in(&output(command.arg(reference).arg(file))?)
    }

    fn pull(&self, registry: &Registry, reference: &str, file: &Path) -> Result<()> {
        let mut command = self.command("pull", registry);
        match self {
            Self::Wkg => command.arg(reference).arg("--output").arg(file),
            Self::Wash(_) => command.arg(reference).arg(file),
        };
        output(&mut command).map(drop)
    }

    /// Builds the WIT package in `wit`, with the overrides in `wkg.toml`.
    fn build_wit(&self, root: &Path, file: &Path) -> Result<()> {
        let (program, option) = match self {
            Self::Wkg => (Path::new("wkg"), "--output"),
            Self::Wash(program) => (program.as_path(), "--output-file"),
        };
        let mut command = Command::new(program);
        command.current_dir(root).args(["wit", "build", option]);
        output(command.arg(file)).map(drop)
    }

    fn command(&self, verb: &str, registry: &Registry) -> Command {
        match self {
            Self::Wkg => {
                let mut wkg = Command::new("wkg");
                wkg.args(["oci", verb, "--insecure", &registry.address]);
                wkg
            }
            Self::Wash(program) => {
                let mut wash = Command::new(program);
                wash.args(["--output", "json", "oci", verb, "--insecure"]);
                wash
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_release_workflow_finds_the_digest_in_what_wkg_prints() {
        let digest = format!("sha256:{}", sha256(b"manifest"));
        let printed = format!("pushed: ghcr.io/owner/name/action:0.1.0\ndigest: {digest}\n");
        assert_eq!(digest_in(&printed).unwrap(), digest);
        assert!(digest_in("pushed: ghcr.io/owner/name/action:0.1.0\n").is_err());
    }
}
