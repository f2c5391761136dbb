//! Proves that a host runs actions (`bot:action`) as it should.
//!
//! A host is a program that loads a component and calls it. The kit starts the host under test once per [`Case`], gives it
//! a request as JSON on its standard input (which component, which calls, where to connect, which CA to trust), and reads
//! its answer from standard output. Meanwhile it plays the server, which may misbehave, and records what arrives there.
//! `host-test/docs/conformance.md` describes the protocol.
//!
//! - [`SUBJECTS`] (`cases/`): the cases by subject, each with what it is for;
//! - `trial.rs`: what a case consists of: component, calls, server, and what is accepted as an answer;
//! - `component.rs`: components made from the one that misbehaves;
//! - `protocol.rs`: the request and the answer as JSON;
//! - `process.rs`: the host's process, its time and its output;
//! - `check.rs`: compares the host's answer with what was expected, and says what the host got wrong;
//! - [`Kit`] (`kit.rs`): runs cases.
//!
//! The kit knows no host, and shares no code with the host of this project.

mod cases;
mod check;
mod component;
mod kit;
mod process;
mod protocol;
mod trial;

pub use cases::{SUBJECTS, Subject, cases};
pub use kit::{Kit, SetupError, Status, Verdict};
pub use trial::Case;
