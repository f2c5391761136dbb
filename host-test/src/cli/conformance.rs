//! `bot-runner conformance`: checks whether another host runs actions as it should.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use conformance::{Case, Kit, SUBJECTS, Status, Verdict, cases};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::Outcome;
use super::args::Conformance;
use super::output::{self, ERROR, SUCCESS, WARNING, one_line, printable};

/// What comes before the tables.
const BEGINNING: &str = include_str!("reference/conformance.md");

/// The width of the longest name of a case.
const NAME_WIDTH: usize = 30;

pub(crate) async fn run(args: &Conformance) -> anyhow::Result<Outcome> {
    let chosen = chosen(args)?;
    if args.list {
        list(args, &chosen);
        return Ok(Outcome::Done);
    }
    let start_up = Duration::from_secs(args.start_up.into());
    let kit = Kit::new(args.command.clone(), built_in_component::BYTES, start_up)?;
    let verdicts = verdicts(kit, &chosen, args).await?;
    let failed = verdicts
        .iter()
        .flatten()
        .filter(|it| it.status == Status::Failed)
        .count();
    if args.json {
        output::object(&as_json(&chosen, &verdicts));
    } else {
        for (case, verdict) in chosen.iter().zip(&verdicts) {
            show(case, verdict.as_ref());
        }
        let skipped = verdicts.iter().filter(|it| it.is_none()).count();
        let ok = verdicts.len() - failed - skipped;
        output::line(
            false,
            &format!("\n{ok} ok, {failed} failed, {skipped} skipped"),
        );
    }
    Ok(match failed {
        0 => Outcome::Done,
        _ => Outcome::Failed,
    })
}

/// The cases of `--case`, otherwise all.
fn chosen(args: &Conformance) -> anyhow::Result<Vec<&'static Case>> {
    for name in args.cases.iter().chain(&args.skip) {
        if !cases().any(|case| case.name == name) {
            bail!("there is no case {name:?}; `bot-runner conformance --list` names them");
        }
    }
    let is_chosen =
        |case: &&Case| args.cases.is_empty() || args.cases.iter().any(|it| it == case.name);
    Ok(cases().filter(is_chosen).collect())
}

/// The result of each case, `None` if it is skipped, in the order of the cases.
async fn verdicts(
    kit: Kit,
    chosen: &[&'static Case],
    args: &Conformance,
) -> anyhow::Result<Vec<Option<Verdict>>> {
    let processors = || std::thread::available_parallelism().map_or(1, usize::from);
    let permits = Arc::new(Semaphore::new(
        args.jobs.map_or_else(processors, usize::from),
    ));
    let kit = Arc::new(kit);
    let mut running = JoinSet::new();
    for (index, case) in chosen.iter().copied().enumerate() {
        if args.skip.iter().any(|it| it == case.name) {
            continue;
        }
        let (kit, permits) = (Arc::clone(&kit), Arc::clone(&permits));
        running.spawn(async move {
            let _permit = permits.acquire_owned().await;
            (index, kit.run(case).await)
        });
    }
    let mut verdicts = vec![None; chosen.len()];
    let (all, mut done) = (running.len(), 0);
    while let Some(ran) = running.join_next().await {
        let (index, verdict) = ran?;
        let verdict = verdict?;
        done += 1;
        progress(&format!("{done} of {all}  {}", verdict.case));
        if let Some(slot) = verdicts.get_mut(index) {
            *slot = Some(verdict);
        }
    }
    progress("");
    Ok(verdicts)
}

/// Shows how far it is, on a terminal.
fn progress(text: &str) {
    const CLEAR: &str = "\r\x1b[2K";
    let mut stderr = std::io::stderr();
    if stderr.is_terminal() {
        // The reader may have closed it.
        let _ = write!(stderr, "{CLEAR}{text}").and_then(|()| stderr.flush());
    }
}

fn show(case: &Case, verdict: Option<&Verdict>) {
    let name = format!("{:NAME_WIDTH$}", case.name);
    let Some(verdict) = verdict else {
        return output::line(false, &format!("{WARNING}skipped{WARNING:#}  {name}"));
    };
    match verdict.status {
        Status::Ok => {
            output::line(
                false,
                &format!(
                    "{SUCCESS}ok{SUCCESS:#}       {name}  {}",
                    one_line(&verdict.got)
                ),
            );
        }
        Status::Failed => {
            output::line(
                false,
                &format!("{ERROR}failed{ERROR:#}   {name}  {}", one_line(case.what)),
            );
            output::line(
                false,
                &format!("           expected  {}", one_line(&verdict.expected)),
            );
            output::line(
                false,
                &format!("           got       {}", one_line(&verdict.got)),
            );
            for wrong in &verdict.wrong {
                output::line(false, &format!("         - {}", one_line(wrong)));
            }
            for line in printable(&verdict.log).lines() {
                output::line(false, &format!("         | {line}"));
            }
        }
    }
}

fn as_json(chosen: &[&Case], verdicts: &[Option<Verdict>]) -> Value {
    let results = chosen
        .iter()
        .zip(verdicts)
        .map(|(case, verdict)| match verdict {
            None => json!({ "case": case.name, "status": "skipped" }),
            Some(verdict) => json!({
                "case": case.name,
                "status": match verdict.status {
                    Status::Ok => "ok",
                    Status::Failed => "failed",
                },
                "expected": verdict.expected,
                "got": verdict.got,
                "wrong": verdict.wrong,
                "log": verdict.log,
                "seconds": verdict.took.as_secs_f64(),
            }),
        });
    json!({ "cases": results.collect::<Vec<_>>() })
}

fn list(args: &Conformance, chosen: &[&Case]) {
    if args.markdown {
        return output::line(false, markdown().trim_end());
    }
    if args.json {
        let cases = chosen.iter().map(|case| {
            json!({ "case": case.name, "what": case.what, "expected": case.expected(), "why": case.why })
        });
        return output::object(&json!({ "cases": cases.collect::<Vec<_>>() }));
    }
    for case in chosen {
        output::line(false, &format!("{:NAME_WIDTH$}  {}", case.name, case.what));
        output::line(
            false,
            &format!("{:NAME_WIDTH$}  expected: {}", "", case.expected()),
        );
    }
}

/// `docs/conformance.md`
fn markdown() -> String {
    let mut document = String::from(BEGINNING);
    document += "## Cases\n";
    for subject in SUBJECTS {
        document += &format!(
            "\n### {}\n\n| case | what happens | accepted answer; what may arrive | why |\n|---|---|---|---|\n",
            subject.title
        );
        for case in subject.cases {
            document += &format!(
                "| `{}` | {} | {} | {} |\n",
                case.name,
                case.what,
                case.expected(),
                case.why
            );
        }
    }
    document
}
