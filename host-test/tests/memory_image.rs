//! Which copies of secrets remain in the memory of the process after a login: with a secret of the host, and with one
//! from a locker.
//!
//! A child process, which runs this test binary, logs in to a Genesys Cloud in a third process and then searches its
//! own memory. It receives the secret in an encoded form, so that neither the search nor the transport leaves a copy.

#![allow(clippy::print_stdout, reason = "its report is for people")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing helper fails its test"
)]
#![cfg(target_os = "linux")]

use std::alloc::System;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::{env, fmt};

use action_host::oauth::{Credentials, Oauth};
use action_host::{Grant, Host as ActionHost, Limits};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use bot_engine::Purpose;
use control_room::Principal;
use control_room::vault::AttributeOptions;
use control_room::{AttributePath, KeySource, Name, Place as StorePlace, Store};
use egress::{AllowList, Client, Options, Trust, read_ca_file};
use secrecy::{ExposeSecret, SecretString};
use tempfile::TempDir;
use zeroizing_alloc::ZeroAlloc;

/// The allocator of `bot-runner`.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

const CLIENT_ID: &str = "11111111-2222-3333-4444-555555555555";

/// The environment variable with the folder of the child process.
const FOLDER: &str = "MEMORY_IMAGE_FOLDER";
const GATEWAY: &str = "MEMORY_IMAGE_GATEWAY";
const DATA: &str = "MEMORY_IMAGE_DATA";

/// The path of the secret in the Control Room.
const ATTRIBUTE: &str = "genesys/hello-bot/client-secret";

#[test]
fn after_a_login_only_http_buffers_contain_the_secret() {
    log_in_and_search(false);
}

#[test]
fn after_a_login_from_a_locker_only_http_buffers_contain_the_secret() {
    log_in_and_search(true);
}

fn log_in_and_search(from_locker: bool) {
    let folder = TempDir::new().unwrap();
    let in_folder = |name| folder.path().join(name);
    // Random: a constant would be found in the program itself.
    let mut random = [0; 32];
    getrandom::fill(&mut random).unwrap();
    let secret = BASE64_URL_SAFE_NO_PAD.encode(random);
    let basic = BASE64_STANDARD.encode(format!("{CLIENT_ID}:{secret}"));
    fs::write(in_folder("secret"), &secret).unwrap();
    fs::write(in_folder("secret.encoded"), encode(secret.as_bytes())).unwrap();
    fs::write(in_folder("basic.encoded"), encode(basic.as_bytes())).unwrap();
    let (_cloud, gateway) = genesys(&folder);

    let mut child = Command::new(env::current_exe().unwrap());
    child
        .args(["--exact", "child", "--ignored", "--nocapture"])
        .env(FOLDER, folder.path())
        .env(GATEWAY, gateway);
    if from_locker {
        let data = in_folder("data");
        waiting().block_on(fill_locker(&data, &secret.into()));
        child.env(DATA, data);
    }
    let child = child.output().unwrap();
    let said = String::from_utf8_lossy(&child.stdout).into_owned();
    println!("{said}{}", String::from_utf8_lossy(&child.stderr));
    assert!(child.status.success(), "see above");
}

#[test]
#[ignore = "run as a child process by other tests"]
fn child() {
    let folder = env::var_os(FOLDER).expect("set by the test that starts this one");
    let folder = PathBuf::from(folder);
    let read = |name: &str| fs::read(folder.join(name)).unwrap();
    let secret = read("secret.encoded");
    let (host, token) = login(&folder, &secret);
    let needles = [
        ("client secret", secret),
        ("Basic credentials", read("basic.encoded")),
        ("access token", token),
    ];
    report("the session is closed, the host goes on", &needles, true);
    drop(host);
    report("all is dropped", &needles, false);
}

/// Prints where each text is found, and asserts that none is left where it must not be.
///
/// While a connection is kept, hyper's buffers have its last request and answer: one copy each, in the
/// heap.
fn report(when: &str, needles: &[(&str, Vec<u8>)], connection_is_kept: bool) {
    println!("When {when}:");
    for (what, needle) in needles {
        let found = search(piece(needle));
        println!("  copies of the {what}: {}", found.len());
        for place in &found {
            println!("    {place}");
        }
        let is_sent = *what != "client secret";
        let most = usize::from(is_sent && connection_is_kept);
        assert!(found.len() <= most, "{what}: at most {most} when {when}");
        assert!(
            found.iter().all(Place::is_in_heap),
            "an instance's memory and stack are zeroed after the call"
        );
    }
}

/// What a host keeps for its lifetime.
type Host = (tokio::runtime::Runtime, Oauth, Option<Store>);

fn waiting() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

async fn open(data: &Path) -> Store {
    let place = StorePlace::Folder(data.to_owned());
    Store::open(place, KeySource::InFolder).await.unwrap()
}

/// Puts the secret in a locker that `ada` may use.
async fn fill_locker(data: &Path, secret: &SecretString) {
    let store = open(data).await;
    let (users, vault) = (store.users(), store.vault());
    let name = |text: &str| text.parse::<Name>().unwrap();
    let (ada, bots, genesys) = (name("ada"), name("bots"), name("genesys"));
    let (nothing, options) = (Default::default(), AttributeOptions::default());
    let attribute: AttributePath = ATTRIBUTE.parse().unwrap();
    users.create(&Principal::System, &ada).await.unwrap();
    users.create_role(&Principal::System, &bots).await.unwrap();
    users.grant(&ada, &bots).await.unwrap();
    vault.create_locker(&genesys, &nothing).await.unwrap();
    vault.allow(&genesys, &bots).await.unwrap();
    let credential = &attribute.credential;
    vault.create_credential(credential, &nothing).await.unwrap();
    vault.set_attribute(&attribute, &options).await.unwrap();
    let set = vault.set_value(&attribute, &Principal::System, secret);
    set.await.unwrap();
    store.close().await;
}

/// The secret as a bot gets it.
async fn from_locker(store: &Store) -> SecretString {
    let ada = "ada".parse().unwrap();
    let purpose = Purpose {
        bot: "Memory image",
        step: "step 1",
        field_is_secret: true,
    };
    let attribute = ATTRIBUTE.parse().unwrap();
    let value = store.vault().value(&attribute, &ada, None, purpose).await;
    value.unwrap()
}

/// Logs in, drops credentials and session, and returns the token in encoded form.
fn login(folder: &Path, secret: &[u8]) -> (Host, Vec<u8>) {
    let limits = Limits {
        calls: 4,
        ..Limits::default()
    };
    let gateway: SocketAddr = env::var(GATEWAY).unwrap().parse().unwrap();
    let client = Client::new(Options {
        gateway: Some(gateway.try_into().unwrap()),
        trust: Trust::Only(read_ca_file(&folder.join("ca.pem")).unwrap()),
        ..Options::new(AllowList::genesys())
    })
    .unwrap();
    let host = ActionHost::builder().limits(limits).client(client);
    let host = host.build().unwrap();
    let component = host.load(built_in_component::BYTES).unwrap();
    let action = Oauth::new(component.with_grant(Grant::genesys_oauth())).unwrap();
    let tokio = waiting();
    let store = env::var_os(DATA).map(|data| tokio.block_on(open(Path::new(&data))));
    let credentials = Credentials::ClientCredentials {
        url: "https://apps.mypurecloud.de".into(),
        client_id: CLIENT_ID.into(),
        client_secret: match &store {
            Some(store) => tokio.block_on(from_locker(store)),
            None => decode(secret),
        },
    };
    let session = tokio
        .block_on(action.authenticate(&credentials, "Default"))
        .unwrap();
    let token = encode(session.token.expose_secret().as_bytes());
    ((tokio, action, store), token)
}

/// `bot-runner genesys`, and its address.
fn genesys(folder: &TempDir) -> (Served, String) {
    let file = |name| folder.path().join(name);
    let mut child = Command::new(env!("CARGO_BIN_EXE_bot-runner"))
        .arg("genesys")
        .arg("--client")
        .arg(format!("{CLIENT_ID}:{}", file("secret").display()))
        .arg("--ca-out")
        .arg(file("ca.pem"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    let stdout = child.stdout.take().unwrap();
    let served = Served(child);
    BufReader::new(stdout).read_line(&mut ready).unwrap();
    let ready: serde_json::Value = serde_json::from_str(&ready).unwrap();
    (served, ready["https"].as_str().unwrap().to_owned())
}

struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const DISGUISE: u8 = 0xa5;

/// Encodes a text by changing each byte.
fn encode(text: &[u8]) -> Vec<u8> {
    text.iter().map(|byte| byte ^ DISGUISE).collect()
}

/// Decodes a text without leaving a copy: the buffer has its final size from the beginning.
fn decode(text: &[u8]) -> SecretString {
    let mut plain = String::with_capacity(text.len());
    plain.extend(text.iter().map(|byte| char::from(byte ^ DISGUISE)));
    plain.into()
}

/// The second half of a text, almost to its end. The allocator overwrites the first bytes of freed memory, and the
/// second half of `Basic` contains only the secret.
fn piece(text: &[u8]) -> &[u8] {
    &text[text.len() / 2..text.len() - 4]
}

/// Where a text was found: the mapping, and the bytes before it.
struct Place {
    address: usize,
    mapping: String,
    before: String,
}

impl Place {
    /// Whether malloc allocated it: the first heap of glibc has a name, and the others begin at a multiple of 64 MiB.
    fn is_in_heap(&self) -> bool {
        let beginning = self.address & !((64 << 20) - 1);
        self.mapping.ends_with("[heap]")
            || searched(&self.mapping).is_some_and(|range| range.contains(&beginning))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} after {}", self.mapping, self.before)
    }
}

/// Searches all writable memory of this process for an encoded text.
fn search(encoded: &[u8]) -> Vec<Place> {
    const PIECE: usize = 1 << 20;
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let memory = File::open("/proc/self/mem").unwrap();
    let mut buffer = vec![0; PIECE];
    let own = buffer.as_ptr() as usize..buffer.as_ptr() as usize + PIECE;
    // By address, as two pieces have some bytes in common.
    let mut found = BTreeMap::new();
    for mapping in maps.lines() {
        let Some(range) = searched(mapping) else {
            continue;
        };
        let mut address = range.start;
        while address < range.end {
            if own.contains(&address) {
                address = own.end;
                continue;
            }
            let next = if address < own.start {
                own.start
            } else {
                usize::MAX
            };
            let end = range.end.min(address + PIECE).min(next);
            let piece = &mut buffer[..end - address];
            // Mappings that cannot be read, such as `[vvar]`, contain nothing of ours.
            if memory.read_exact_at(piece, address as u64).is_ok() {
                for offset in positions(piece, encoded) {
                    let before = &piece[offset.saturating_sub(48)..offset];
                    let place = Place {
                        address: address + offset,
                        mapping: mapping.into(),
                        before: before.escape_ascii().to_string(),
                    };
                    found.insert(place.address, place);
                }
            }
            address = match end - address {
                PIECE => end - encoded.len(),
                _ => end,
            };
        }
    }
    found.into_values().collect()
}

/// The addresses of a line of `/proc/self/maps`, unless it maps an unmodified part of a file.
fn searched(mapping: &str) -> Option<Range<usize>> {
    let (range, rest) = mapping.split_once(' ')?;
    let (start, end) = range.split_once('-')?;
    let address = |text| usize::from_str_radix(text, 16).ok();
    let is_file = rest.contains('/');
    let written_to = rest.starts_with("rw") || rest.starts_with('r') && !is_file;
    written_to.then_some(address(start)?..address(end)?)
}

/// The positions in `piece` of the text that was encoded.
fn positions(piece: &[u8], encoded: &[u8]) -> Vec<usize> {
    let first = encoded[0] ^ DISGUISE;
    let mut positions = Vec::new();
    for (offset, byte) in piece.iter().enumerate() {
        if *byte == first
            && let Some(window) = piece.get(offset..offset + encoded.len())
            && window.iter().zip(encoded).all(|(a, b)| a ^ DISGUISE == *b)
        {
            positions.push(offset);
        }
    }
    positions
}
