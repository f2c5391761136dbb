//! What the parts of an authentication take, each on its own.
//!
//! `cargo bench --bench parts`. The embedded Genesys Cloud is in the same process here, so that
//! `authenticate` is both sides of the exchange; `peers` has it apart.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure stops the benchmark"
)]
#![allow(missing_docs, reason = "a benchmark has no public interface")]

use std::hint::black_box;
use std::time::Duration;

use action_host::oauth::{Credentials, Oauth};
use action_host::{CallError, Components, Grant, Host};
use bot_engine::{Bot, Catalogue};
use criterion::{Criterion, criterion_group, criterion_main};
use egress::{AllowList, Client, Options, Proxies, Trust};
use genesys_sim::{GenesysCloud, OAuthClient, Options as CloudOptions, Region};

const BOT: &[u8] = include_bytes!("../bots/hello-client.json");

fn action(c: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (cloud, client) = runtime.block_on(async {
        let cloud = GenesysCloud::start(CloudOptions::default()).await.unwrap();
        let region = Region::named("eu-central-1").unwrap();
        let client = cloud.add_client(OAuthClient::new("Parts", region)).unwrap();
        (cloud, client)
    });
    let network = Client::new(Options {
        gateway: Some(cloud.https_addr().unwrap().try_into().unwrap()),
        trust: Trust::Only(vec![cloud.ca_certificate().der().to_vec().into()]),
        proxies: Proxies::None,
        ..Options::new(AllowList::genesys())
    })
    .unwrap();
    let host = Host::builder().client(network).build().unwrap();
    let component = host.load(built_in_component::BYTES).unwrap();
    let component = component.with_grant(Grant::genesys_oauth());
    let action = Oauth::new(component.clone()).unwrap();
    let authentication = |url: &str| Credentials::ClientCredentials {
        url: url.into(),
        client_id: client.id.clone().into(),
        client_secret: client.secret.clone(),
    };
    let (good, wrong) = (
        authentication("eu-central-1"),
        authentication("https://evil.example"),
    );
    let Err(CallError::Failed(error)) = runtime.block_on(action.authenticate(&wrong, "Default"))
    else {
        panic!("a URL that is none of Genesys' was taken");
    };

    c.bench_function("a call that fails without HTTP", |b| {
        b.to_async(&runtime)
            .iter(|| action.authenticate(&wrong, "Default"));
    });
    c.bench_function("explain", |b| {
        b.to_async(&runtime).iter(|| action.explain(&error, "en"));
    });
    c.bench_function("the form", |b| {
        b.to_async(&runtime).iter(|| component.actions("en"));
    });
    c.bench_function("authenticate, both sides", |b| {
        b.to_async(&runtime)
            .iter(async || action.authenticate(&good, "Default").await.unwrap());
    });
    runtime.block_on(cloud.shutdown());
}

fn catalogue() -> Catalogue {
    let host = Host::builder().build().unwrap();
    let component = host.load(built_in_component::BYTES).unwrap();
    let mut components = Components::default();
    components.add("genesys", component).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(Catalogue::load(&components)).unwrap()
}

fn rules(c: &mut Criterion) {
    let catalogue = catalogue();
    let allow = AllowList::genesys();
    c.bench_function("a host that is allowed", |b| {
        b.iter(|| allow.allows(black_box("login.mypurecloud.de"), 443));
    });
    c.bench_function("a host that is not", |b| {
        b.iter(|| allow.allows(black_box("login.mypurecloud.example"), 443));
    });
    c.bench_function("reading a bot file", |b| {
        b.iter(|| Bot::parse(black_box(BOT), &catalogue).unwrap());
    });
}

criterion_group! {
    name = parts;
    config = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3));
    targets = action, rules
}
criterion_main!(parts);
