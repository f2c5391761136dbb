//! The door to the network, over real sockets: each test is a promise of `egress`.

mod certificates;
mod door;
mod limits;
mod pool;
mod proxies;
mod secrets;
mod timeouts;
