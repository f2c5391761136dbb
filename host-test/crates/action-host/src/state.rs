//! The data and imports of an instance: its limits, `wasi:http`, and what their types need.

use std::sync::Arc;

use wasmtime::component::{Linker, ResourceTable};
use wasmtime::{ResourceLimiter, Store};
use wasmtime_wasi::cli::{WasiCli, WasiCliView};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView};
use wasmtime_wasi::p2::bindings::{cli, clocks};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};
use wasmtime_wasi_io::IoView;

use super::clock::Clock;
use super::limits::Limits;
use super::outgoing_http::OutgoingHttp;
use super::runtime::Runtime;
use super::stopped::LimitReached;

/// After how much fuel a component that computes lets other tasks run: about a millisecond.
const YIELD_INTERVAL: u64 = 1_000_000;

/// The data of a store, made for one call and dropped with it.
pub(super) struct State {
    table: ResourceTable,
    http_context: WasiHttpCtx,
    http: OutgoingHttp,
    /// For `wasi:cli` and `wasi:clocks`. Made on first use; the OAuth action uses neither.
    wasi: Option<Box<WasiCtx>>,
    clock: Option<Clock>,
    limits: Arc<Limits>,
    /// The size of all its memories, in bytes.
    memory: usize,
}

/// A store for one call, with every limit set.
pub(super) fn store(runtime: &Runtime, http: OutgoingHttp) -> wasmtime::Result<Store<State>> {
    let limits = Arc::clone(runtime.limits());
    let mut table = ResourceTable::new();
    table.set_max_capacity(limits.resources);
    let (output, fuel) = (limits.output, limits.fuel);
    let state = State {
        table,
        http_context: WasiHttpCtx::new(),
        http,
        wasi: None,
        clock: runtime.clock().cloned(),
        limits,
        memory: 0,
    };
    let mut store = Store::new(runtime.engine(), state);
    store.limiter(|state| state);
    store.set_hostcall_fuel(output);
    store.set_fuel(fuel)?;
    // Lets other tasks run, and tokio check the call's deadline.
    store.fuel_async_yield_interval(Some(YIELD_INTERVAL))?;
    Ok(store)
}

/// What a component can import: `wasi:http` for requests, what its types need of `wasi:io` and `wasi:clocks`, and the parts
/// of `wasi:cli` without which no program with a standard library starts. Those are empty: no arguments, variables or
/// input, and output is discarded.
pub(super) fn linker(runtime: &Runtime) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(runtime.engine());
    wasmtime_wasi_io::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    clocks::monotonic_clock::add_to_linker::<State, WasiClocks>(&mut linker, State::clocks)?;
    cli::environment::add_to_linker::<State, WasiCli>(&mut linker, State::cli)?;
    cli::exit::add_to_linker::<State, WasiCli>(&mut linker, State::cli)?;
    cli::stdin::add_to_linker::<State, WasiCli>(&mut linker, State::cli)?;
    cli::stdout::add_to_linker::<State, WasiCli>(&mut linker, State::cli)?;
    cli::stderr::add_to_linker::<State, WasiCli>(&mut linker, State::cli)?;
    cli::terminal_input::add_to_linker::<State, WasiCli>(&mut linker, State::cli)?;
    cli::terminal_output::add_to_linker::<State, WasiCli>(&mut linker, State::cli)?;
    cli::terminal_stdin::add_to_linker::<State, WasiCli>(&mut linker, State::cli)?;
    cli::terminal_stdout::add_to_linker::<State, WasiCli>(&mut linker, State::cli)?;
    cli::terminal_stderr::add_to_linker::<State, WasiCli>(&mut linker, State::cli)?;
    Ok(linker)
}

impl IoView for State {
    fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let wasi = self.wasi.get_or_insert_with(|| {
            let mut builder = WasiCtx::builder();
            if let Some(clock) = self.clock.take() {
                builder.monotonic_clock(clock);
            }
            Box::new(builder.build())
        });
        WasiCtxView {
            ctx: wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.http,
            table: &mut self.table,
            ctx: &mut self.http_context,
        }
    }
}

impl ResourceLimiter for State {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let memory = self.memory.saturating_add(desired.saturating_sub(current));
        if memory > self.limits.memory {
            return Err(LimitReached::Memory.into());
        }
        self.memory = memory;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if desired > self.limits.table_elements {
            return Err(LimitReached::Table.into());
        }
        Ok(true)
    }
}
