//! The command `bot-runner` as people and scripts use it: what it prints, and with which status it ends.

mod authenticate;
mod component;
mod demonstration;
mod example;
mod interrupt;
mod run;
mod secrecy;
mod support;
