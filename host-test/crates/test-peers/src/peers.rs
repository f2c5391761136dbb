//! What tests need besides a Rust toolchain.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

/// The packages of the folder `npm`, with the locked versions.
const NPM_LOCK: &str = include_str!("../npm/package-lock.json");

/// The packages of the folder `python`, with the locked versions.
const PYTHON_REQUIREMENTS: &str = include_str!("../python/requirements.txt");

/// Chromium without a user interface, which the tests prefer: it needs two thirds of the time.
pub const HEADLESS_SHELL: &str = "chromium-headless-shell";

const BROWSERS: [&str; 5] = [
    HEADLESS_SHELL,
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// Something that a test needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    /// `chromedriver`, and a browser: [`HEADLESS_SHELL`], or one that the driver finds.
    Browser,
    /// `node`, in a version that they work with, with the packages of `test-peers/npm`, installed in `npm` of this target folder.
    NpmPackages(PathBuf),
    /// The packages of `test-peers/python`, installed in a virtual environment in `python` of this target folder.
    PythonPackages(PathBuf),
    /// The right to create a user namespace and to mount a disk in it (Linux only).
    UserNamespaces,
    /// Something that `cargo xtask setup` installs and that the caller has looked for.
    Installed {
        /// What it is.
        what: &'static str,
        /// Whether it is installed, in the right version.
        is_there: bool,
    },
}

impl Peer {
    /// What is missing, if anything.
    #[must_use]
    pub fn missing(&self) -> Option<&'static str> {
        let (is_there, missing) = match self {
            Self::Browser => (has_browser(), "a browser with chromedriver"),
            Self::NpmPackages(target) => (
                has_node() && has_npm_packages(target),
                "Node.js 20 or later with npm packages",
            ),
            Self::PythonPackages(target) => (has_python_packages(target), "Python packages"),
            Self::UserNamespaces => (may_mount(), "the right to make user namespaces"),
            Self::Installed { what, is_there } => (*is_there, *what),
        };
        (!is_there).then_some(missing)
    }
}

/// The oldest Node.js with which the npm packages work. npm installs them for an older one without their native parts.
const NODE: u32 = 20;

/// Whether a Node.js that the npm packages work with is on the `PATH`.
#[must_use]
pub fn has_node() -> bool {
    let version = Command::new("node").arg("--version").output();
    version.is_ok_and(|output| {
        let version = String::from_utf8_lossy(&output.stdout);
        let major = version.trim_start_matches('v').split('.').next();
        major
            .and_then(|it| it.parse().ok())
            .is_some_and(|it: u32| it >= NODE)
    })
}

/// The folder of the npm packages, in the target folder.
#[must_use]
pub fn npm_folder(target: &Path) -> PathBuf {
    target.join("npm")
}

/// A copy of the lock file, written after the installation.
#[must_use]
pub fn npm_stamp(target: &Path) -> PathBuf {
    npm_folder(target).join("installed")
}

/// Whether the npm packages are installed, with the locked versions.
#[must_use]
pub fn has_npm_packages(target: &Path) -> bool {
    fs::read_to_string(npm_stamp(target)).is_ok_and(|installed| installed == NPM_LOCK)
}

/// The virtual environment of the Python packages, in the target folder.
#[must_use]
pub fn python_folder(target: &Path) -> PathBuf {
    target.join("python")
}

/// The interpreter of that environment.
#[must_use]
pub fn python(target: &Path) -> PathBuf {
    let program = if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    };
    python_folder(target).join(program)
}

/// A copy of the requirements, written after the installation.
#[must_use]
pub fn python_stamp(target: &Path) -> PathBuf {
    python_folder(target).join("installed")
}

/// Whether the Python packages are installed, with the locked versions.
#[must_use]
pub fn has_python_packages(target: &Path) -> bool {
    fs::read_to_string(python_stamp(target)).is_ok_and(|installed| installed == PYTHON_REQUIREMENTS)
}

/// Whether a program with this name is on the `PATH`.
#[must_use]
pub fn is_on_path(program: &str) -> bool {
    on_path(program).is_some()
}

/// The program with this name on the `PATH`.
#[must_use]
pub fn on_path(program: &str) -> Option<PathBuf> {
    let file = format!("{program}{}", env::consts::EXE_SUFFIX);
    let path = env::var_os("PATH").unwrap_or_default();
    let mut files = env::split_paths(&path).map(|folder| folder.join(&file));
    files.find(|file| file.is_file())
}

/// On systems other than Linux, chromedriver finds browsers that are not on the `PATH`.
fn has_browser() -> bool {
    is_on_path("chromedriver")
        && (!cfg!(target_os = "linux") || BROWSERS.into_iter().any(is_on_path))
}

fn may_mount() -> bool {
    let mount = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount"])
        .args(["mount", "-t", "tmpfs", "none", "/mnt"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    mount.is_ok_and(|status| status.success())
}
