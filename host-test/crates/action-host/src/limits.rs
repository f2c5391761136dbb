//! What calls may use.

use std::time::Duration;

/// What one call may use, and how many calls there may be, with an [example](crate::HostBuilder). The defaults suit the
/// OAuth action.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Linear memory, in bytes. Default: 16 MiB.
    pub memory: usize,
    /// Elements of each table, of which a component may have four. Default: 10,000.
    pub table_elements: usize,
    /// Instructions of the component, and bytes that it copies or fills at once. Unlike time, they do not depend on what
    /// else the machine does, and waiting does not count. Default: 250 million, about a quarter of a second. Opening a
    /// session needs some 100,000, and 8 million with the largest answer that the action reads.
    pub fuel: u64,
    /// Wall-clock time of a call, including the wait in the queue and for responses. Default: 60 s.
    pub deadline: Duration,
    /// Requests, streams and other resources open at once. Default: 128.
    pub resources: usize,
    /// HTTP requests per call. Default: 16.
    pub requests: usize,
    /// Bytes copied out of the component at once: its result, or the arguments of one host function. Default: 1 MiB.
    pub output: usize,
    /// Concurrent calls. Memory and a stack are reserved for each, so there are fewer if the process may use little
    /// address space (`ulimit -v`). Default: 256.
    pub calls: usize,
    /// Calls that may wait in the queue beyond those. Default: 4,096.
    pub queue: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: 16 << 20,
            table_elements: 10_000,
            fuel: 250_000_000,
            deadline: Duration::from_mins(1),
            resources: 128,
            requests: 16,
            output: 1 << 20,
            calls: 256,
            queue: 4096,
        }
    }
}
