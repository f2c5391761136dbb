//! Authenticates 100,000 times, one in ten with a fault, and shows that memory, threads and file
//! descriptors stay where they are.
//!
//! `cargo run --example soak [COUNT]`; Linux, as it reads /proc.
//!
//! The faults take turns: a wrong secret, a secret of another region, a URL that is none, and a connection
//! that is cut in the middle of an answer. The last is the work of a gateway between the action and the
//! embedded Genesys Cloud, which cuts when it is told to.

#![allow(clippy::print_stdout, reason = "it prints figures while it runs")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use action_host::oauth::{Credentials, Oauth};
use action_host::{Grant, Host};
use anyhow::{Context, ensure};
use egress::{AllowList, Client, Options, Proxies, Trust};
use genesys_sim::{GenesysCloud, OAuthClient, Options as CloudOptions, Region};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

const WORKERS: usize = 8;
const REPORTS: usize = 10;

/// How much the process may have grown at the end, against where it was after a tenth: what the allocators
/// keep, not what a leak of one byte for each authentication would come to.
const SLACK_KIB: usize = 2048;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let count: usize = std::env::args()
        .nth(1)
        .map_or(Ok(100_000), |count| count.parse())?;
    let cloud = GenesysCloud::start(CloudOptions::default()).await?;
    let region = Region::named("eu-central-1").context("the region")?;
    let client = cloud.add_client(OAuthClient::new("Soak", region))?;
    let cut = Arc::new(AtomicBool::new(false));
    let gateway = gateway(cloud.https_addr().context("an address")?, Arc::clone(&cut)).await?;

    let network = Client::new(Options {
        gateway: Some(gateway.try_into()?),
        trust: Trust::Only(vec![cloud.ca_certificate().der().to_vec().into()]),
        proxies: Proxies::None,
        ..Options::new(AllowList::genesys())
    })?;
    let host = Host::builder().client(network).build()?;
    let component = host.load(built_in_component::BYTES)?;
    let soak = Arc::new(Soak {
        action: Oauth::new(component.with_grant(Grant::genesys_oauth()))?,
        client,
        cut,
        ok: AtomicUsize::new(0),
        failed: AtomicUsize::new(0),
    });

    println!(
        "{:>8}  {:>8}  {:>8}  {:>9}  {:>7}  {:>5}  {:>6}",
        "done", "ok", "failed", "RSS KiB", "threads", "fds", "s"
    );
    let started = Instant::now();
    let mut first = None;
    for report in 1..=REPORTS {
        let mut workers = JoinSet::new();
        for worker in 0..WORKERS {
            let soak = Arc::clone(&soak);
            workers.spawn(async move {
                for number in (worker..count / REPORTS).step_by(WORKERS) {
                    soak.authenticate(number).await;
                }
            });
        }
        workers.join_all().await;
        let now = Process::look()?;
        let (ok, failed) = (
            soak.ok.load(Ordering::Relaxed),
            soak.failed.load(Ordering::Relaxed),
        );
        println!(
            "{:>8}  {ok:>8}  {failed:>8}  {:>9}  {:>7}  {:>5}  {:>6.1}",
            report * (count / REPORTS),
            now.rss_kib,
            now.threads,
            now.fds,
            started.elapsed().as_secs_f32(),
        );
        let first = *first.get_or_insert(now);
        ensure!(now.rss_kib <= first.rss_kib + SLACK_KIB, "memory has grown");
        ensure!(now.threads <= first.threads, "there are more threads");
        ensure!(
            now.fds <= first.fds + 2 * WORKERS,
            "there are more file descriptors"
        );
    }
    Ok(())
}

struct Soak {
    action: Oauth,
    client: OAuthClient,
    cut: Arc<AtomicBool>,
    ok: AtomicUsize,
    failed: AtomicUsize,
}

impl Soak {
    async fn authenticate(&self, number: usize) {
        let mut url = "eu-central-1";
        let mut secret = self.client.secret.clone();
        if number.is_multiple_of(10) {
            match number / 10 % 4 {
                0 => secret = "wrong".into(),
                1 => url = "eu-west-1",
                2 => url = "https://evil.example",
                _ => self.cut.store(true, Ordering::SeqCst),
            }
        }
        let authentication = Credentials::ClientCredentials {
            url: url.into(),
            client_id: self.client.id.clone().into(),
            client_secret: secret,
        };
        let outcome = match self.action.authenticate(&authentication, "Soak").await {
            Ok(_) => &self.ok,
            Err(_) => &self.failed,
        };
        outcome.fetch_add(1, Ordering::Relaxed);
    }
}

/// Passes connections on to `server`, and cuts one in the middle of what the server says when `cut` is set.
async fn gateway(server: SocketAddr, cut: Arc<AtomicBool>) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let cut = Arc::clone(&cut);
            tokio::spawn(async move {
                let Ok(far) = TcpStream::connect(server).await else {
                    return;
                };
                let (mut near_in, mut near_out) = near.into_split();
                let (mut far_in, mut far_out) = far.into_split();
                let answers = async {
                    let mut buffer = [0; 4096];
                    while let Ok(length @ 1..) = far_in.read(&mut buffer).await {
                        let cut = cut.swap(false, Ordering::SeqCst);
                        let length = if cut { length / 2 } else { length };
                        if near_out.write_all(&buffer[..length]).await.is_err() || cut {
                            return;
                        }
                    }
                };
                tokio::select! {
                    () = answers => {}
                    _ = copy(&mut near_in, &mut far_out) => {}
                }
            });
        }
    });
    Ok(address)
}

#[derive(Clone, Copy)]
struct Process {
    rss_kib: usize,
    threads: usize,
    fds: usize,
}

impl Process {
    fn look() -> anyhow::Result<Self> {
        let status = std::fs::read_to_string("/proc/self/status")?;
        let number = |name: &str| -> anyhow::Result<usize> {
            let line = status
                .lines()
                .find_map(|line| line.strip_prefix(name))
                .context("/proc")?;
            Ok(line.split_whitespace().next().context("/proc")?.parse()?)
        };
        Ok(Self {
            rss_kib: number("VmRSS:")?,
            threads: number("Threads:")?,
            fds: std::fs::read_dir("/proc/self/fd")?.count(),
        })
    }
}
