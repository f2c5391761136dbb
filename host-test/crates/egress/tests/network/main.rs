//! `egress` over real sockets. A test is named after the rule that it holds.

mod certificates;
mod checks;
mod limits;
mod pool;
mod proxies;
mod secrets;
mod timeouts;
