//! The example hosts beside this crate: where `cargo xtask setup` installs them, and how to run them. A host reads one JSON
//! request from standard input and writes one JSON answer to standard output, as `bot-runner conformance` wants it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use test_peers::{Peer, has_node};

/// Each example host.
pub const ALL: [Host; 3] = [Host::Python, Host::TypeScript, Host::Rust];

/// Cases of the conformance kit that the runtime of a host cannot pass, each with the reason in the README of its folder.
pub const CANNOT_PASS: &[(Host, &str)] = &[];

/// The folders whose `requirements.txt` are installed together.
pub const PYTHON_FOLDERS: [&str; 2] = ["python", "facade"];

/// The components that are composed with an action: the folder, and the name of the component.
pub const GUESTS: [(&str, &str); 2] = [("composed", "check_credentials"), ("facade", "facade")];

/// The target of the guests.
pub const GUEST_TARGET: &str = "wasm32-unknown-unknown";

/// An example host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// `python/`, on wasmtime.
    Python,
    /// `typescript/`, on jco.
    TypeScript,
    /// `rust/`, on plain wasmtime.
    Rust,
}

impl Host {
    /// Its folder.
    #[must_use]
    pub fn folder(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::TypeScript => "typescript",
            Self::Rust => "rust",
        }
    }

    /// The command that runs the host once, as installed in this target folder.
    #[must_use]
    pub fn command(self, target: &Path) -> Command {
        match self {
            Self::Python => {
                let mut python = Command::new(python_program(target, "python"));
                // Without compiled files beside the sources.
                python.arg("-B").arg(source(self.folder()).join("host.py"));
                python
            }
            Self::TypeScript => {
                let mut node = Command::new("node");
                node.arg(typescript_folder(target).join("dist/host.js"));
                node
            }
            Self::Rust => Command::new(rust_program(target)),
        }
    }
}

/// What the tests of the hosts need, as installed in this target folder.
///
/// # Errors
///
/// If the folder of a host cannot be read.
pub fn peers(target: &Path) -> io::Result<[Peer; 3]> {
    let is_installed = |stamp: &Path, content: &str| {
        fs::read_to_string(stamp).is_ok_and(|installed| installed == content)
    };
    Ok([
        Peer::Installed {
            what: "the Python packages of the example hosts",
            is_there: is_installed(&python_stamp(target), &requirements()?),
        },
        Peer::Installed {
            what: "Node.js 20 or later with the npm packages of the example hosts",
            is_there: has_node() && is_installed(&typescript_stamp(target), &typescript_sources()?),
        },
        Peer::Installed {
            what: "the example host in Rust and the components for it",
            is_there: rust_program(target).is_file()
                && GUESTS.iter().all(|(_, name)| guest(target, name).is_file()),
        },
    ])
}

/// The folder of a host in the repository.
#[must_use]
pub fn source(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

/// The virtual environment of the Python packages.
#[must_use]
pub fn python_folder(target: &Path) -> PathBuf {
    target.join("hosts/python")
}

/// A program in that environment.
#[must_use]
pub fn python_program(target: &Path, name: &str) -> PathBuf {
    let folder = if cfg!(windows) { "Scripts" } else { "bin" };
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    python_folder(target).join(folder).join(file)
}

/// A copy of [`requirements`], written after the installation.
#[must_use]
pub fn python_stamp(target: &Path) -> PathBuf {
    python_folder(target).join("installed")
}

/// The Python packages of all hosts, one on each line.
///
/// # Errors
///
/// If a file cannot be read.
pub fn requirements() -> io::Result<String> {
    let files = PYTHON_FOLDERS.map(|folder| source(folder).join("requirements.txt"));
    let files: io::Result<Vec<_>> = files.iter().map(fs::read_to_string).collect();
    let mut lines: Vec<_> = files?.concat().lines().map(str::to_owned).collect();
    lines.sort_unstable();
    lines.dedup();
    Ok(lines.join("\n") + "\n")
}

/// The folder in which the TypeScript host is built.
#[must_use]
pub fn typescript_folder(target: &Path) -> PathBuf {
    target.join("hosts/typescript")
}

/// A copy of [`typescript_sources`], written after the build.
#[must_use]
pub fn typescript_stamp(target: &Path) -> PathBuf {
    typescript_folder(target).join("installed")
}

/// The files of the TypeScript host, relative to its folder.
///
/// # Errors
///
/// If the folder cannot be read.
pub fn typescript_files() -> io::Result<Vec<PathBuf>> {
    let folder = source("typescript");
    let mut files = [
        "package.json",
        "package-lock.json",
        "tsconfig.json",
        "types.mjs",
    ]
    .map(PathBuf::from)
    .to_vec();
    for entry in fs::read_dir(folder.join("src"))? {
        let name = PathBuf::from(entry?.file_name());
        if name.extension().is_some_and(|extension| extension == "ts") {
            files.push(Path::new("src").join(name));
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// The contents of these files, and of the contract that the types are generated from.
///
/// # Errors
///
/// If a file cannot be read.
pub fn typescript_sources() -> io::Result<String> {
    let folder = source("typescript");
    let mut files: Vec<_> = typescript_files()?
        .iter()
        .map(|file| folder.join(file))
        .collect();
    files.extend(["form.wit", "run.wit"].map(|file| contract().join("deps/bot-action").join(file)));
    let contents: io::Result<Vec<_>> = files.iter().map(fs::read_to_string).collect();
    Ok(contents?.concat())
}

/// The target folder of the Rust host.
#[must_use]
pub fn rust_folder(target: &Path) -> PathBuf {
    target.join("hosts/rust")
}

/// The Rust host, once it is built.
#[must_use]
pub fn rust_program(target: &Path) -> PathBuf {
    let file = format!("plain-wasmtime-host{}", env::consts::EXE_SUFFIX);
    rust_folder(target).join("debug").join(file)
}

/// The folder of the contract.
#[must_use]
pub fn contract() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit")
}

/// The component of a guest, once it is built.
#[must_use]
pub fn guest(target: &Path, name: &str) -> PathBuf {
    guests(target)
        .join(GUEST_TARGET)
        .join("release")
        .join(format!("{name}.wasm"))
}

/// The target folder of the guests.
#[must_use]
pub fn guests(target: &Path) -> PathBuf {
    target.join("hosts/guests")
}
