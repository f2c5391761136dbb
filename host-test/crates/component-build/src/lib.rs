//! Builds the actions of this repository as components: small, reproducible and with metadata. The build script of the
//! built-in component and `cargo xtask dist` use it, so that both have the same bytes.

use std::borrow::Cow;
use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{fs, io};

use serde_json::Value;
use wasm_encoder::{ComponentSection as _, CustomSection};
use wasm_metadata::{AddMetadata, AddMetadataField};
use wasmparser::BinaryReader;

/// The target of the components.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Why a component could not be built, for a developer at a terminal.
pub type Error = Box<dyn std::error::Error>;

/// Variables of the outer build that must not apply to a component: it has another target and its own lints, and flags
/// from the environment would replace those of `.cargo/config.toml`.
const NOT_INHERITED: [&str; 5] = [
    "CARGO_ENCODED_RUSTFLAGS",
    "RUSTFLAGS",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_TARGET",
];

/// A package of the workspace that is built as a component.
#[derive(Debug)]
pub struct Component {
    /// The name of the package.
    pub package: &'static str,
    /// The files and folders of the workspace that the component depends on.
    pub inputs: &'static [&'static str],
}

/// The action *OAuth authenticate*.
pub const OAUTH: Component = Component {
    package: "oauth-authentication",
    inputs: &[
        ".cargo/config.toml",
        "action/build.rs",
        "action/Cargo.toml",
        "action/locales",
        "action/src",
        "wit",
        "Cargo.toml",
        "Cargo.lock",
        "rust-toolchain.toml",
    ],
};

/// The actions *Users*.
pub const USERS: Component = Component {
    package: "genesys-users",
    inputs: &[
        ".cargo/config.toml",
        "action/build.rs",
        "action/Cargo.toml",
        "action/locales",
        "action/src",
        "host-test/components/users",
        "wit",
        "Cargo.toml",
        "Cargo.lock",
        "rust-toolchain.toml",
    ],
};

impl Component {
    /// Builds the component, in a target folder of its own: an outer build has locked the one of the workspace. The same
    /// sources and toolchain give the same bytes in any folder.
    ///
    /// # Errors
    ///
    /// If the toolchain lacks the target, or the package does not build.
    pub fn build(&self, workspace: &Path, target_dir: &Path) -> Result<Vec<u8>, Error> {
        ensure_target()?;
        let mut cargo = Command::new(cargo());
        cargo
            .current_dir(workspace)
            .args(["build", "--locked", "--package", self.package])
            .args(["--profile", "component", "--target", TARGET])
            .args(["--config", &path_remapping(target_dir)?, "--target-dir"])
            .arg(target_dir);
        for name in NOT_INHERITED {
            cargo.env_remove(name);
        }
        output(&mut cargo).map_err(|error| format!("{} does not build:\n{error}", self.package))?;
        let file = self.package.replace('-', "_") + ".wasm";
        let file = target_dir.join(TARGET).join("component").join(file);
        let component = fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        self.with_metadata(&without_names(&component)?, workspace)
    }

    /// Adds the metadata that registries and `wasm-tools metadata show` read. The sections follow the OCI annotations
    /// (<https://github.com/WebAssembly/tool-conventions>).
    fn with_metadata(&self, component: &[u8], workspace: &Path) -> Result<Vec<u8>, Error> {
        let metadata = output(Command::new(cargo()).current_dir(workspace).args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
        ]))?;
        let metadata: Value = serde_json::from_str(&metadata)?;
        let package = metadata["packages"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|package| package["name"] == self.package)
            .ok_or_else(|| format!("the workspace has no package {}", self.package))?;
        let text = |key: &str| package[key].as_str().map(String::from);
        let authors = package["authors"].as_array().into_iter().flatten();
        let authors: Vec<_> = authors.filter_map(Value::as_str).collect();
        let commit = self.git(workspace, &["log", "-1", "--format=%H"]);
        let modified = self.git(workspace, &["status", "--porcelain"]).is_some();
        let suffix = if modified { "-modified" } else { "" };

        let mut name = AddMetadata::default();
        name.name = AddMetadataField::Set(self.package.into());
        let mut component = name.to_wasm(component)?;
        for (section, value) in [
            ("version", text("version")),
            ("description", text("description")),
            ("authors", Some(authors.join(", "))),
            ("licenses", text("license")),
            // Until the repository has a public address, a SWHID (ISO/IEC 18670), which identifies the source by content.
            (
                "source",
                text("repository").or(commit.as_ref().map(|commit| format!("swh:1:rev:{commit}"))),
            ),
            ("revision", commit.map(|commit| format!("{commit}{suffix}"))),
        ] {
            if let Some(value) = value {
                let data = Cow::Owned(value.into_bytes());
                let name = Cow::Borrowed(section);
                CustomSection { name, data }.append_to_component(&mut component);
            }
        }
        Ok(component)
    }

    /// The output of a git command about the component's inputs. `None` if it is empty or git fails, for example outside
    /// a repository.
    fn git(&self, workspace: &Path, args: &[&str]) -> Option<String> {
        let mut git = Command::new("git");
        git.current_dir(workspace)
            .args(args)
            .arg("--")
            .args(self.inputs);
        output(&mut git).ok().filter(|text| !text.is_empty())
    }
}

/// Flags that remove the paths of this machine from panic messages in the component. Cargo adds them to the flags in
/// `.cargo/config.toml`. The workspace needs none: cargo passes the paths of its packages relative to it.
fn path_remapping(target_dir: &Path) -> Result<String, Error> {
    let sysroot = output(Command::new(rustc()).args(["--print", "sysroot"]))?;
    let cargo_home = env::var("CARGO_HOME").or_else(|_| env::var("HOME").map(|it| it + "/.cargo"));
    let flags: Vec<_> = [
        Some(sysroot),
        cargo_home.ok(),
        target_dir.to_str().map(String::from),
    ]
    .into_iter()
    .flatten()
    .map(|path| format!("'--remap-path-prefix={path}='"))
    .collect();
    Ok(format!("target.{TARGET}.rustflags=[{}]", flags.join(",")))
}

/// Removes the names that the linker gives to the items of a component. Only disassemblers show them. They are not those
/// of its functions, which the profile strips, and not its imports and exports.
fn without_names(component: &[u8]) -> Result<Vec<u8>, Error> {
    let mut reader = BinaryReader::new(component, 0);
    let mut kept = reader.read_bytes(8)?.to_vec(); // magic number and version
    while !reader.eof() {
        let start = reader.original_position();
        let id = reader.read_u8()?;
        let size = reader.read_var_u32()? as usize;
        let contents = reader.read_bytes(size)?;
        let is_custom = id == 0;
        if !is_custom || BinaryReader::new(contents, 0).read_string()? != "component-name" {
            kept.extend_from_slice(&component[start..reader.original_position()]);
        }
    }
    Ok(kept)
}

/// Installs the target of the components if the toolchain lacks it.
fn ensure_target() -> Result<(), Error> {
    if has_target()? {
        return Ok(());
    }
    let added = Command::new("rustup")
        .args(["target", "add", TARGET])
        .stdout(Stdio::null())
        .status();
    match added {
        Ok(status) if status.success() && has_target()? => Ok(()),
        _ => Err(format!(
            "the toolchain lacks the target {TARGET}, and rustup could not add it. Run:\n\
             rustup target add {TARGET}\n\
             or set BOT_RUNNER_COMPONENT to the file of a component that was built elsewhere"
        )
        .into()),
    }
}

/// Whether the toolchain has the standard library of the target.
fn has_target() -> Result<bool, Error> {
    let mut rustc = Command::new(rustc());
    rustc.args(["--print", "target-libdir", "--target", TARGET]);
    Ok(Path::new(&output(&mut rustc)?).is_dir())
}

/// The standard output of a command, or its standard error if it fails.
fn output(command: &mut Command) -> Result<String, String> {
    let output = command
        .output()
        .map_err(|error: io::Error| format!("{command:?} does not start: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// The cargo that runs this build.
fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// The compiler of this build, which cargo passes to build scripts.
fn rustc() -> OsString {
    env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())
}

#[cfg(test)]
mod tests {
    use super::without_names;

    #[test]
    fn removes_the_section_with_names_and_nothing_else() {
        let header = b"\0asm\x0d\0\x01\0";
        let version = b"\0\x0a\x07version1\x32";
        let names = b"\0\x10\x0ecomponent-name\0";
        let component = [header.as_slice(), version, names, version].concat();
        let kept = [header.as_slice(), version, version].concat();
        assert_eq!(without_names(&component).unwrap(), kept);
    }

    #[test]
    fn rejects_a_section_that_does_not_end() {
        assert!(without_names(b"\0asm\x0d\0\x01\0\0\x7f").is_err());
        assert!(without_names(b"\0asm").is_err());
    }
}
