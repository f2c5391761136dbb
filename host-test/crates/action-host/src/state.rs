//! The data and imports of an instance: its limits, `wasi:http`, and what their types need.

use std::sync::Arc;

use wasmtime::component::{Linker, ResourceTable};
use wasmtime::{ResourceLimiter, Store, UpdateDeadline};
use wasmtime_wasi::cli::{WasiCli, WasiCliView};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksCtx, WasiClocksCtxView};
use wasmtime_wasi::p2::bindings::{cli, clocks};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};
use wasmtime_wasi_io::IoView;

use super::computing_time::Meter;
use super::outgoing_http::OutgoingHttp;
use super::runtime::{Limits, Runtime};
use super::stopped::LimitReached;

/// The data of a store, made for one call and dropped with it.
pub(super) struct State {
    table: ResourceTable,
    http_context: WasiHttpCtx,
    http: OutgoingHttp,
    clocks: WasiClocksCtx,
    /// Made on first use, which a component without a standard library never does.
    cli: Option<Box<WasiCtx>>,
    limits: Arc<Limits>,
}

/// A store for one call, with every limit set. `meter` measures the call.
pub(super) fn store(runtime: &Runtime, http: OutgoingHttp, meter: Meter) -> Store<State> {
    let limits = Arc::clone(runtime.limits());
    let mut table = ResourceTable::new();
    table.set_max_capacity(limits.resources);
    let (output, cpu) = (limits.output, limits.cpu);
    let state = State {
        table,
        http_context: WasiHttpCtx::new(),
        http,
        clocks: WasiClocksCtx::default(),
        cli: None,
        limits,
    };
    let mut store = Store::new(runtime.engine(), state);
    store.limiter(|state| state);
    store.set_hostcall_fuel(output);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(move |_| {
        if meter.update() > cpu {
            return Err(LimitReached::Cpu.into());
        }
        // Lets other tasks run, and tokio check the call's deadline.
        Ok(UpdateDeadline::Yield(1))
    });
    store
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

impl State {
    fn clocks(&mut self) -> WasiClocksCtxView<'_> {
        WasiClocksCtxView {
            ctx: &mut self.clocks,
            table: &mut self.table,
        }
    }
}

impl IoView for State {
    fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let cli = self
            .cli
            .get_or_insert_with(|| Box::new(WasiCtx::builder().build()));
        WasiCtxView {
            ctx: cli,
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
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if desired > self.limits.memory {
            return Err(LimitReached::Memory.into());
        }
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
