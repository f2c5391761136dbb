//! Loads the component into a wasmtime of one's own and opens a session.
//!
//! `embed COMPONENT URL CLIENT-ID SECRET-FILE [GATEWAY CA-FILE]`

#![allow(clippy::print_stdout, reason = "an example shows its result")]
#![allow(missing_docs, reason = "wasmtime generates bindings from the contract")]

use action_host::OutgoingHttp;
use egress::{AllowList, Client, Options, Trust, read_ca_file};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Config, Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use exports::genesys::authentication::oauth::{AuthenticationType, ClientCredentials};

wasmtime::component::bindgen!({
    path: "../wit",
    inline: "package host:example; world action { export genesys:authentication/oauth@0.1.0; }",
    exports: { default: async },
});

/// What an instance gets: no files, variables or output, and the requests that `egress` allows.
struct Host {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    /// Your engine's own HTTP client goes here, as a `WasiHttpHooks`; this one reaches only Genesys' hosts.
    requests: OutgoingHttp,
}

impl WasiView for Host {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for Host {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.requests,
        }
    }
}

#[tokio::main]
async fn main() -> wasmtime::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    wasmtime::ensure!(
        args.len() >= 4,
        "COMPONENT URL CLIENT-ID SECRET-FILE [GATEWAY CA-FILE]"
    );
    let mut options = Options::new(AllowList::genesys());
    if let [_, _, _, _, gateway, ca_file] = args.as_slice() {
        options.gateway = Some(gateway.parse()?);
        options.trust = Trust::Only(read_ca_file(ca_file.as_ref())?);
    }

    // Once per process: compile and link.
    let engine = Engine::new(Config::new().wasm_component_model(true))?;
    let component = Component::from_file(&engine, &args[0])?;
    let mut linker = Linker::<Host>::new(&engine);
    wasmtime_wasi_http::p2::add_to_linker_async(&mut linker)?;
    let action = ActionPre::new(linker.instantiate_pre(&component)?)?;

    // For each call: a fresh instance. Add your limits on memory and time here.
    let host = Host {
        table: ResourceTable::new(),
        wasi: WasiCtx::default(),
        http: WasiHttpCtx::new(),
        requests: OutgoingHttp::new(Client::new(options)?, 1),
    };
    let mut store = Store::new(&engine, host);
    let instance = action.instantiate_async(&mut store).await?;
    let oauth = instance.genesys_authentication_oauth();
    let client = AuthenticationType::ClientCredentials(ClientCredentials {
        url: args[1].clone(),
        client_id: args[2].clone(),
        client_secret: std::fs::read_to_string(&args[3])?,
    });
    match oauth
        .call_authenticate(&mut store, &client, "Default")
        .await?
    {
        Ok(session) => println!("session {:?} at {}", session.name, session.api_url),
        Err(error) => println!("{}", oauth.call_explain(&mut store, &error, "en").await?),
    }
    Ok(())
}
