//! wasmtime, configured for many short calls, and the limits of a call.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Semaphore, SemaphorePermit};
use wasmtime::{
    Cache, CacheConfig, Config, Enabled, Engine, InstanceAllocationStrategy,
    PoolingAllocationConfig,
};

use super::clock::Clock;
use super::error::{ActionError, CallError, LoadError};
use super::limits::Limits;

/// The stack that a component may use, in bytes. The action needs less than 16 KiB.
const WASM_STACK: usize = 256 << 10;

/// The stack of a call with its host functions on top of the component's, in bytes.
const ASYNC_STACK: usize = 512 << 10;

/// How much of a pooled linear memory stays resident, in bytes. An instance of the OAuth action uses some 30 KiB.
const KEEP_MEMORY: usize = 128 << 10;

/// The same for a table. Zeroing more than a page of it was slower.
const KEEP_TABLES: usize = 4 << 10;

/// The same for a stack. It is zeroed whether it was used or not, which costs most with thousands of waiting calls, when
/// nothing is in the processor's cache. With 32 KiB a call took as long.
const KEEP_STACK: usize = 16 << 10;

/// The most memories of a component: one of its own, and one of an action that it is composed with. All of them together have
/// [`Limits::memory`].
const MEMORIES: u32 = 2;

/// Tables of a component.
const TABLES: u32 = 4;

/// A configured wasmtime, with the limits of its calls. Cheap to clone.
#[derive(Clone)]
pub(super) struct Runtime {
    engine: Engine,
    limits: Arc<Limits>,
    calls: Arc<Calls>,
    clock: Option<Clock>,
}

impl Runtime {
    /// Configures wasmtime. Compiled code is cached in the user's cache folder, if that is writable.
    ///
    /// # Errors
    ///
    /// [`LoadError::Runtime`] if the machine lacks what wasmtime needs, such as address space.
    pub(super) fn new(mut limits: Limits, clock: Option<Clock>) -> Result<Self, LoadError> {
        limits.calls = limits.calls.min(calls_in_address_space(&limits));
        let failed = |error: wasmtime::Error| LoadError::Runtime(format!("{error:#}"));
        let mut config = Config::new();
        config
            .wasm_component_model(true)
            // No action needs concurrency within itself, and a store without it is cheaper to make.
            .concurrency_support(false)
            .consume_fuel(true)
            .max_wasm_stack(WASM_STACK)
            .async_stack_size(ASYNC_STACK)
            // Zeroed after the call, as the memory is: parts of secrets may be on it.
            .async_stack_zeroing(true)
            // Reserving what a component may use, not the 4 GiB that it could address, keeps thousands of concurrent
            // calls within the address space. Each access is then bounds-checked and needs no guard pages: moving
            // those when a memory grows, and back for the next call, took a quarter of an instance's time and
            // interrupted the other cores.
            .memory_reservation(limits.memory as u64)
            .memory_guard_size(0)
            .signals_based_traps(false)
            .allocation_strategy(InstanceAllocationStrategy::Pooling(pool(&limits)))
            .cache(cache());
        let engine = Engine::new(&config).map_err(failed)?;
        let calls = Calls {
            permits: Semaphore::new(limits.calls),
            waiting: AtomicUsize::new(0),
            queue: limits.queue,
            max: limits.calls + limits.queue,
        };
        Ok(Self {
            engine,
            limits: Arc::new(limits),
            calls: Arc::new(calls),
            clock,
        })
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(super) fn limits(&self) -> &Arc<Limits> {
        &self.limits
    }

    /// The clock of components; wasmtime's if there is none.
    pub(super) fn clock(&self) -> Option<&Clock> {
        self.clock.as_ref()
    }

    /// Waits for a permit to call.
    ///
    /// # Errors
    ///
    /// [`CallError::TooManyCalls`] at once if the queue is full.
    pub(super) async fn permit<E: ActionError>(&self) -> Result<SemaphorePermit<'_>, CallError<E>> {
        self.calls.permit().await
    }

    /// A permit, if there is one without waiting.
    pub(super) fn try_permit(&self) -> Option<SemaphorePermit<'_>> {
        self.calls.permits.try_acquire().ok()
    }
}

/// The concurrent calls, and the queue for them.
struct Calls {
    permits: Semaphore,
    waiting: AtomicUsize,
    queue: usize,
    max: usize,
}

impl Calls {
    async fn permit<E: ActionError>(&self) -> Result<SemaphorePermit<'_>, CallError<E>> {
        if let Ok(permit) = self.permits.try_acquire() {
            return Ok(permit);
        }
        let full = || CallError::TooManyCalls(self.max);
        let _slot = QueueSlot::take(&self.waiting, self.queue).ok_or_else(full)?;
        self.permits.acquire().await.map_err(|_| full())
    }
}

/// A slot in the queue; released on drop.
struct QueueSlot<'a>(&'a AtomicUsize);

impl<'a> QueueSlot<'a> {
    fn take(waiting: &'a AtomicUsize, max: usize) -> Option<Self> {
        let slot = Self(waiting);
        (waiting.fetch_add(1, Ordering::Relaxed) < max).then_some(slot)
    }
}

impl Drop for QueueSlot<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A pool for all concurrent calls, each with what one may use. A component made without an adapter has three core
/// instances (itself and two that wire its imports); one built for wasip2 has a few more.
fn pool(limits: &Limits) -> PoolingAllocationConfig {
    const CORE_INSTANCES: u32 = 8;
    let calls = u32::try_from(limits.calls).unwrap_or(u32::MAX);
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(calls)
        .total_core_instances(calls.saturating_mul(CORE_INSTANCES))
        .max_core_instances_per_component(CORE_INSTANCES)
        .total_memories(calls.saturating_mul(MEMORIES))
        .max_memories_per_component(MEMORIES)
        .max_memory_size(limits.memory)
        .total_tables(calls.saturating_mul(TABLES))
        .max_tables_per_component(TABLES)
        .table_elements(limits.table_elements)
        .total_stacks(calls)
        // What an instance touched is zeroed and kept. Returning it to the system and faulting it in again for the next
        // call took as long as all the rest of an instance (with the above, 48 µs became 20 µs).
        .linear_memory_keep_resident(KEEP_MEMORY)
        .table_keep_resident(KEEP_TABLES)
        .async_stack_keep_resident(KEEP_STACK);
    if PoolingAllocationConfig::is_pagemap_scan_available() {
        // Linux reports which pages were touched; the others need no zeroing.
        pool.pagemap_scan(Enabled::Yes);
    }
    pool
}

/// wasmtime's cache in its default place. Without it every start compiles, which is slow but correct.
fn cache() -> Option<Cache> {
    Cache::new(CacheConfig::new())
        .inspect_err(|error| tracing::warn!("compiled code is not cached: {error:#}"))
        .ok()
}

/// How many calls the process has address space for, if they may use a quarter of what is left. At least one.
fn calls_in_address_space(limits: &Limits) -> usize {
    let Some(left) = address_space() else {
        return usize::MAX;
    };
    // A table holds pointers.
    let tables = limits
        .table_elements
        .saturating_mul(TABLES as usize * size_of::<usize>());
    let call = limits
        .memory
        .saturating_mul(MEMORIES as usize)
        .saturating_add(tables)
        .saturating_add(ASYNC_STACK);
    let calls = (left / 4 / call.max(1)).max(1);
    if calls < limits.calls {
        tracing::info!(left, calls, "the address space is limited");
    }
    calls
}

/// How much more address space the process may use, in bytes, if that is limited.
fn address_space() -> Option<usize> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit};
        let limit = getrlimit(Resource::As).current?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Some(limit.saturating_sub(used_address_space()))
    }
    #[cfg(not(unix))]
    None
}

/// How much address space the process uses, in bytes; 0 if the system does not say. Each thread may have reserved some
/// for its allocations.
#[cfg(unix)]
fn used_address_space() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let pages = pages.and_then(|text| text.split(' ').next()?.parse::<usize>().ok());
    pages.map_or(0, |pages| pages.saturating_mul(rustix::param::page_size()))
}
