//! A bot-flow engine in small, to show what the action *Genesys > Authentication > OAuth
//! authenticate* promises. From the outside in:
//!
//! - [`bot`] reads bot files and runs their steps; it decides about time;
//! - [`action`] is the loaded component: its limits, its calls;
//! - [`control_room`] keeps what bots may use: credentials, variables, OAuth connections;
//! - [`web`] shows the Control Room as pages;
//! - [`network`] is the one HTTP client, and the guarded door to the network;
//! - [`retry`] is the one policy for trying again;
//! - [`genesys`] is the other side: an embedded Genesys Cloud, which shares no code with the rest.
//!
//! Arrows point one way: `web` uses `bot`; `bot` uses `action`, `control_room`, `network` and `retry`; `action`
//! uses `network`, `control_room` uses `network` and `retry`; nothing here uses `genesys` but the command
//! `bot-runner` and tests.

pub mod action;
pub mod bot;
pub mod control_room;
pub mod genesys;
pub mod network;
pub mod retry;
pub mod web;
