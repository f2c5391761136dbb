//! wasmtime, set up for many short calls, and what a call may use up.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use wasmtime::{
    Cache, CacheConfig, Config, Enabled, Engine, EngineWeak, InstanceAllocationStrategy,
    PoolingAllocationConfig,
};

use super::computing_time::TICK;
use super::error::{CallError, LoadError};

/// The stack that a component may use, in bytes. The action needs less than 16 KiB.
const WASM_STACK: usize = 256 << 10;

/// The stack of a call with its host functions on top of the component's, in bytes.
const ASYNC_STACK: usize = 512 << 10;

/// Of each idle instance's linear memory, this much stays resident, in bytes. A live instance of the action has
/// some 30 KiB.
const KEEP_MEMORY: usize = 128 << 10;

/// The same of each table. Zeroing more of it than a page was slower.
const KEEP_TABLES: usize = 4 << 10;

/// The same of each stack. It is zeroed whether it was used or not, which costs most where thousands wait and
/// nothing is in the processor's cache; with 32 KiB a call took as long.
const KEEP_STACK: usize = 16 << 10;

/// What one call may use up, and how many there may be.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Linear memory, in bytes.
    pub memory: usize,
    /// Elements of each of its tables, of which it may have four.
    pub table_elements: usize,
    /// Computing time. Waiting is none.
    pub cpu: Duration,
    /// Time from the beginning to the end of a call, all waiting included: for answers, and for its
    /// turn.
    pub deadline: Duration,
    /// Requests, streams and the like that may be open at once.
    pub resources: usize,
    /// Requests that a call may make.
    pub requests: usize,
    /// What may be copied out of the component at once: its result, and what it hands to one host
    /// function, in bytes.
    pub output: usize,
    /// Calls under way at once. Each has memory and a stack set aside for it.
    pub calls: usize,
    /// Calls that may wait for their turn beyond those.
    pub queue: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: 16 << 20,
            table_elements: 10_000,
            cpu: Duration::from_secs(1),
            deadline: Duration::from_secs(60),
            resources: 128,
            requests: 16,
            output: 1 << 20,
            calls: 256,
            queue: 4096,
        }
    }
}

/// A set-up wasmtime with its limits. One for a process is enough.
#[derive(Clone)]
pub struct Runtime {
    engine: Engine,
    limits: Arc<Limits>,
    turns: Arc<Turns>,
}

impl Runtime {
    /// Sets wasmtime up. Compiled code goes to wasmtime's cache in the user's cache folder, where
    /// there is one that can be written.
    ///
    /// # Errors
    ///
    /// [`LoadError::Runtime`] where the machine lacks what wasmtime needs, such as address space.
    pub fn new(limits: Limits) -> Result<Self, LoadError> {
        let failed = |error: wasmtime::Error| LoadError::Runtime(format!("{error:#}"));
        let mut config = Config::new();
        config
            .wasm_component_model(true)
            // No action needs concurrency within itself, and a store without it is cheaper to make.
            .concurrency_support(false)
            .epoch_interruption(true)
            .max_wasm_stack(WASM_STACK)
            .async_stack_size(ASYNC_STACK)
            // It is zeroed after the call as the memory is: parts of secrets pass over it, too.
            .async_stack_zeroing(true)
            // Reserving what a component may use, not the 4 GiB that it could address, keeps
            // thousands of calls at once within the address space. Each access is compared with the size of
            // the memory then, and needs no guard pages: to move those when a memory grows, and back for the
            // next call, took a quarter of an instance's time, and interrupted the other cores.
            .memory_reservation(limits.memory as u64)
            .memory_guard_size(0)
            .signals_based_traps(false)
            .allocation_strategy(InstanceAllocationStrategy::Pooling(pool(&limits)))
            .cache(cache());
        let engine = Engine::new(&config).map_err(failed)?;
        start_ticking(engine.weak())?;
        let turns = Turns {
            free: Semaphore::new(limits.calls),
            waiting: AtomicUsize::new(0),
            queue: limits.queue,
            most: limits.calls + limits.queue,
        };
        Ok(Self {
            engine,
            limits: Arc::new(limits),
            turns: Arc::new(turns),
        })
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(super) fn limits(&self) -> &Arc<Limits> {
        &self.limits
    }

    /// Waits for a turn to call.
    ///
    /// # Errors
    ///
    /// [`CallError::TooManyCalls`] at once, where the queue is full.
    pub(super) async fn turn(&self) -> Result<SemaphorePermit<'_>, CallError> {
        self.turns.take().await
    }

    /// A turn, where there is one without waiting.
    pub(super) fn free_turn(&self) -> Option<SemaphorePermit<'_>> {
        self.turns.free.try_acquire().ok()
    }
}

/// The calls under way, and the queue in front of them.
struct Turns {
    free: Semaphore,
    waiting: AtomicUsize,
    queue: usize,
    most: usize,
}

impl Turns {
    async fn take(&self) -> Result<SemaphorePermit<'_>, CallError> {
        if let Ok(turn) = self.free.try_acquire() {
            return Ok(turn);
        }
        let full = || CallError::TooManyCalls(self.most);
        let _place = Place::take(&self.waiting, self.queue).ok_or_else(full)?;
        self.free.acquire().await.map_err(|_| full())
    }
}

/// A place in the queue; given back however the wait ends.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize, most: usize) -> Option<Self> {
        let place = Self(waiting);
        (waiting.fetch_add(1, Ordering::Relaxed) < most).then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Room for as many calls as there may be, each with what one may use. A component made without an
/// adapter has three core instances (itself and two that wire its imports); one that was built for
/// wasip2 has a few more.
fn pool(limits: &Limits) -> PoolingAllocationConfig {
    const CORE_INSTANCES: u32 = 8;
    let calls = u32::try_from(limits.calls).unwrap_or(u32::MAX);
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(calls)
        .total_core_instances(calls.saturating_mul(CORE_INSTANCES))
        .max_core_instances_per_component(CORE_INSTANCES)
        .total_memories(calls)
        .max_memories_per_component(1)
        .max_memory_size(limits.memory)
        .total_tables(calls.saturating_mul(4))
        .max_tables_per_component(4)
        .table_elements(limits.table_elements)
        .total_stacks(calls)
        // What an instance touched is zeroed and kept; to give it back to the system, and to fault it in again
        // for the next call, took as long as all the rest of an instance (48 µs to 20 µs, with the above).
        .linear_memory_keep_resident(KEEP_MEMORY)
        .table_keep_resident(KEEP_TABLES)
        .async_stack_keep_resident(KEEP_STACK);
    if PoolingAllocationConfig::is_pagemap_scan_available() {
        // Linux tells which pages were touched, so that the others need no zeroing.
        pool.pagemap_scan(Enabled::Yes);
    }
    pool
}

/// wasmtime's cache in its usual place. Without one every start compiles, which is slow, not wrong.
fn cache() -> Option<Cache> {
    Cache::new(CacheConfig::new())
        .inspect_err(|error| tracing::warn!("compiled code is not cached: {error:#}"))
        .ok()
}

/// Moves the epoch on, from one thread for the engine's whole life. Without it nothing would stop a
/// component that computes for ever.
fn start_ticking(engine: EngineWeak) -> Result<(), LoadError> {
    let ticker = move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            thread::sleep(TICK);
        }
    };
    let started = thread::Builder::new().name("epoch".into()).spawn(ticker);
    started
        .map(drop)
        .map_err(|error| LoadError::Runtime(format!("the clock of computing time: {error}")))
}
