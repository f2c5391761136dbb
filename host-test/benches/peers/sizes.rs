//! What is shipped.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use super::table::{Row, Table};

pub(crate) fn measure(table: &mut Table) -> anyhow::Result<()> {
    const COMPONENT: usize = 256 << 10;
    const HARNESS: u64 = 25 << 20;
    let component = built_in_component::BYTES.len();
    table.add(Row::alone(
        "the component",
        format!("{:.1} KiB", component as f64 / 1024.0),
        format!("≤ {} KiB", COMPONENT >> 10),
        component <= COMPONENT,
    ));
    let folder = TempDir::new()?;
    let copy = folder.path().join("bot-runner");
    fs::copy(env!("CARGO_BIN_EXE_bot-runner"), &copy)?;
    match Command::new("strip").arg(&copy).status() {
        Ok(status) if status.success() => {
            let harness = fs::metadata(&copy)?.len();
            table.add(Row::alone(
                "the harness with the component in it, stripped",
                format!("{:.1} MiB", harness as f64 / f64::from(1 << 20)),
                format!("≤ {} MiB", HARNESS >> 20),
                harness <= HARNESS,
            ));
        }
        _ => table.leave_out("the harness, stripped: there is no `strip` that works"),
    }
    Ok(())
}
