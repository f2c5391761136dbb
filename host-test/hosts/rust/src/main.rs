//! A host for action components: one JSON request on standard input, one JSON answer on standard output.
//!
//! The course of a call: `main` reads the request, `run` loads the component once, and `call` runs each action in a store of
//! its own, with limits on memory, computing time and duration. `network.rs` decides what may be requested and requests it.

mod json;
mod network;

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Cache, CacheConfig, Config, Engine, ResourceLimiter, Store, Trap};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use json::{Call, Request};
use network::Network;

wasmtime::component::bindgen!({
    path: "../../../wit/deps/bot-action",
    inline: "package example:host; world action { export bot:action/run@0.2.0; }",
    world: "example:host/action",
    exports: { default: async },
});

/// Units of fuel, about one per instruction. A sign-in uses some 100,000; this many take about half a second.
const FUEL: u64 = 500_000_000;
/// After this much fuel the component yields, so that the time-out of the call is checked.
const YIELD_INTERVAL: u64 = 100_000;
const MAX_TABLE_ELEMENTS: usize = 10_000;

/// What an instance gets: no files, variables or output, and the requests that are granted.
struct State {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    network: Network,
    memory_limit: usize,
    /// The size of all its memories.
    memory: usize,
    /// Whether the component asked for more than the limit.
    lacks_memory: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> wasmtime::Result<()> {
    let request = serde_json::from_reader(std::io::stdin())?;
    println!("{}", run(&request).await);
    Ok(())
}

async fn run(request: &Request) -> Value {
    let (engine, action) = match load(request) {
        Ok(loaded) => loaded,
        Err(error) => return json!({ "refused": format!("{error:#}") }),
    };
    let mut results = Vec::new();
    for call in &request.calls {
        results.push(run_call(&engine, &action, request, call).await);
    }
    json!({ "results": results })
}

/// Compiles and links a component, once. It is refused if it is not an action of this contract, or imports more than this host provides.
fn load(request: &Request) -> wasmtime::Result<(Engine, ActionPre<State>)> {
    // Compiling takes half a second, and this host starts anew for each request: the code is kept in the user's cache folder.
    let cache = Cache::new(CacheConfig::new())?;
    let mut config = Config::new();
    config.consume_fuel(true).cache(Some(cache));
    let engine = Engine::new(&config)?;
    let component = Component::from_file(&engine, &request.component)?;
    // wasmtime compares types with those of an instance only. This one can do nothing: all its imports are traps.
    let mut traps = Linker::new(&engine);
    traps.define_unknown_imports_as_traps(&component)?;
    let mut store = store(&engine, request)?;
    let instance = traps.instantiate(&mut store, &component)?;
    Action::new(&mut store, &instance)?;

    let mut linker = Linker::new(&engine);
    wasmtime_wasi_http::p2::add_to_linker_async(&mut linker)?;
    let action = ActionPre::new(linker.instantiate_pre(&component)?)?;
    Ok((engine, action))
}

fn store(engine: &Engine, request: &Request) -> wasmtime::Result<Store<State>> {
    let state = State {
        table: ResourceTable::new(),
        wasi: WasiCtx::default(),
        http: WasiHttpCtx::new(),
        network: Network::new(request)?,
        memory_limit: request.limits.memory_bytes,
        memory: 0,
        lacks_memory: false,
    };
    let mut store = Store::new(engine, state);
    store.limiter(|state| state);
    store.set_fuel(FUEL)?;
    Ok(store)
}

/// Runs one action in a fresh instance. Nothing of it is left afterwards.
async fn run_call(
    engine: &Engine,
    action: &ActionPre<State>,
    request: &Request,
    call: &Call,
) -> Value {
    let mut store = match store(engine, request) {
        Ok(store) => store,
        Err(error) => return stopped("other", error),
    };
    let running = async {
        store.fuel_async_yield_interval(Some(YIELD_INTERVAL))?;
        let instance = action.instantiate_async(&mut store).await?;
        let run = instance.bot_action_run();
        run.call_run(&mut store, &call.action, &call.arguments())
            .await
    };
    // Covers a component that computes as well as one that waits for a server.
    let deadline = Duration::from_millis(request.limits.deadline_ms);
    let result = match timeout(deadline, running).await {
        Err(_) => return stopped("deadline", "the call took longer than its deadline"),
        Ok(Err(error)) if store.data().lacks_memory => return stopped("memory", error),
        Ok(Err(error)) => {
            let reason = match error.downcast_ref::<Trap>() {
                Some(Trap::OutOfFuel) => "cpu",
                Some(_) => "trap",
                None => "other",
            };
            return stopped(reason, error);
        }
        Ok(Ok(result)) => json::result(result),
    };
    if result.to_string().len() > request.limits.output_bytes {
        return stopped("too-large", "the result is larger than the limit");
    }
    result
}

fn stopped(reason: &str, message: impl std::fmt::Display) -> Value {
    json!({ "stopped": reason, "message": format!("{message:#}") })
}

impl ResourceLimiter for State {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // A 64-bit memory can ask for so much that the sum would overflow.
        self.memory = self.memory.saturating_add(desired - current);
        self.lacks_memory |= self.memory > self.memory_limit;
        Ok(!self.lacks_memory)
    }

    fn table_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= MAX_TABLE_ELEMENTS)
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.network,
        }
    }
}
