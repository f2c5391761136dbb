//! Whether an authentication costs more when many others are under way.

use super::Options;
use super::cloud::Cloud;
use super::engine::Engine;
use super::load::at_once;
use super::measure::files_allowed;
use super::ours::Ours;
use super::table::{Row, Table};

const LEVELS: [usize; 5] = [1, 10, 100, 1_000, 10_000];

/// How often each level is measured. The least counts, as what else the machine does can only add.
const TURNS: usize = 2;

/// How often a level is tried before it is measured, at most, until it needs no more new connections.
const WARM_UPS: usize = 6;

/// File descriptors beside the connections.
const OTHER_FILES: u64 = 256;

pub(crate) async fn measure(
    cloud: &Cloud,
    options: &Options,
    table: &mut Table,
) -> anyhow::Result<()> {
    const MOST: f64 = 1.33;
    eprintln!("growth");
    let count = options.count(20_000, 400);
    let highest = options.count(10_000, 100);
    let mut levels = LEVELS.to_vec();
    levels.retain(|&level| level <= highest);
    if highest as u64 + OTHER_FILES > files_allowed()? {
        table.leave_out(format!(
            "{highest} at once: this process may have {} file descriptors only",
            files_allowed()?
        ));
        levels.pop();
    }
    // One and the same for all levels, so that they differ in nothing but the level.
    let ours = Ours::with_room_for(highest, cloud.https, &cloud.ca_file())?;
    let engine = Engine::for_each_core(&ours)?;
    let mut costs = Vec::new();
    for &level in &levels {
        let (failed, opened) = warm_up(&ours, &engine, level, count).await;
        if failed || opened > few(level) {
            table.note(format!(
                "{level} at once: in the last of {WARM_UPS} rounds to warm up, {opened} connections were still \
                 opened{}",
                if failed { ", and one failed" } else { "" }
            ));
        }
        let mut least = f64::INFINITY;
        let before = ours.statistics().connections_opened;
        for _ in 0..TURNS {
            match at_once(&engine, level, count).await {
                Ok(load) => least = least.min(load.cpu_each()),
                Err(error) => table.note(format!("{level} at once: failed: {error:#}")),
            }
        }
        let opened = ours.statistics().connections_opened;
        table.note(format!(
            "{level} at once: {opened} connections opened so far, {} of them while it was measured",
            opened - before
        ));
        if least.is_finite() {
            costs.push((level, least));
        } else {
            table.leave_out(format!("the cost at {level} at once"));
        }
    }
    let least = costs
        .iter()
        .map(|cost| cost.1)
        .fold(f64::INFINITY, f64::min);
    let first = costs.first().map_or(f64::NAN, |cost| cost.1);
    for (level, cost) in costs {
        table.add(Row::alone(
            format!(
                "CPU time for each, {level} at once ({:.2} of that with 1, {:.2} of the least)",
                cost / first,
                cost / least
            ),
            format!("{cost:.1} µs"),
            format!("≤ {MOST} of that with 1"),
            cost <= MOST * first,
        ));
    }
    Ok(())
}

/// Opens the connections, by doing what will be measured. What fails is not of interest yet: thousands of
/// handshakes at once may take longer than one may. Gives back whether the last round failed, and what it opened.
async fn warm_up(ours: &Ours, engine: &Engine<Ours>, level: usize, count: usize) -> (bool, u64) {
    let mut last = (true, 0);
    for _ in 0..WARM_UPS {
        let before = ours.statistics().connections_opened;
        let failed = at_once(engine, level, count).await.is_err();
        let opened = ours.statistics().connections_opened - before;
        last = (failed, opened);
        if !failed && opened <= few(level) {
            break;
        }
    }
    last
}

/// New connections that are too few for their handshakes to matter, among tens of thousands of exchanges.
fn few(level: usize) -> u64 {
    level as u64 / 50
}
