//! What people see and type, in a real browser: Chromium, driven over WebDriver, against servers of this
//! process. A test is named after the rule that it holds.
//!
//! `chromedriver` and a browser have to be installed. Where they are not, these tests fail and say how to
//! get them; `BOT_RUNNER_WITHOUT_BROWSER=1` leaves them out.

#[path = "../../crates/control-room-web/tests/web/room.rs"]
mod room;

mod accessibility;
mod browser;
mod control_room;
mod designer;
mod driver;
mod editor;
mod eight_steps;
mod everybody;
mod gate;
mod keyboard;
mod life;
mod managing;
mod pages;
mod pictures;
mod runs;
mod scene;
mod sign_in;
mod trust;
mod users;
