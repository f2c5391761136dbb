//! `bot-runner conformance`: checks whether another host runs actions as it should.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use conformance::{Case, Kit, SUBJECTS, Status, Verdict, cases};
use serde_json::{Value, json};

use super::args::Conformance;
use super::locale::language;
use super::output::{self, ERROR, SUCCESS, WARNING, one_line, printable};
use super::signal::interruption;
use super::{Outcome, messages};

/// What comes before the tables.
const BEGINNING: &str = include_str!("reference/conformance.md");

/// The width of the longest name of a case.
const NAME_WIDTH: usize = 30;

pub(crate) async fn run(args: &Conformance) -> anyhow::Result<Outcome> {
    let chosen = chosen(args)?;
    if args.list || args.markdown {
        list(args, &chosen);
        return Ok(Outcome::Done);
    }
    let start_up = Duration::from_secs(args.start_up.into());
    let kit = Kit::new(args.command.clone(), built_in_component::BYTES, start_up)?;
    let kit = kit.keep(args.keep.clone());
    let verdicts = verdicts(kit, &chosen, args).await?;
    let failed = verdicts
        .iter()
        .filter(|it| it.status == Status::Failed)
        .count();
    if args.json {
        output::object(&as_json(&chosen, &verdicts));
    } else {
        for case in &chosen {
            show(case, verdict_of(case, &verdicts));
        }
        let skipped = chosen.len() - verdicts.len();
        let ok = verdicts.len() - failed;
        if verdicts.iter().any(Verdict::has_no_valid_answer) {
            output::line(
                false,
                "\n`bot-runner conformance --markdown` describes the format of an answer.",
            );
        }
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

/// Runs the cases that are not skipped.
async fn verdicts(
    kit: Kit,
    chosen: &[&'static Case],
    args: &Conformance,
) -> anyhow::Result<Vec<Verdict>> {
    let processors = || std::thread::available_parallelism().map_or(1, usize::from);
    let at_once = args.jobs.map_or_else(processors, usize::from);
    let is_skipped = |case: &Case| args.skip.iter().any(|it| it == case.name);
    let cases = chosen.iter().copied().filter(|case| !is_skipped(case));
    let (all, mut done) = (cases.clone().count(), 0);
    let report = |verdict: &Verdict| {
        done += 1;
        progress(&format!("{done} of {all}  {}", verdict.case));
    };
    let interrupted = interruption()?;
    let run = Arc::new(kit).run_all(cases, at_once, interrupted, report);
    let verdicts = run.await?;
    progress("");
    verdicts.context(messages::interrupted(language()))
}

/// The verdict of a case; `None` if it was skipped.
fn verdict_of<'a>(case: &Case, verdicts: &'a [Verdict]) -> Option<&'a Verdict> {
    verdicts.iter().find(|it| it.case == case.name)
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
                &format!("           because   {}", one_line(case.why)),
            );
            output::line(
                false,
                &format!("           got       {}", one_line(&verdict.got)),
            );
            if !verdict.message.is_empty() {
                output::line(
                    false,
                    &format!("           message   {}", one_line(&verdict.message)),
                );
            }
            for wrong in &verdict.wrong {
                output::line(false, &format!("         - {}", one_line(wrong)));
            }
            for line in printable(&verdict.log).lines() {
                output::line(false, &format!("         | {line}"));
            }
        }
    }
}

fn as_json(chosen: &[&Case], verdicts: &[Verdict]) -> Value {
    let results = chosen.iter().map(|case| match verdict_of(case, verdicts) {
        None => json!({ "case": case.name, "status": "skipped" }),
        Some(verdict) => json!({
            "case": case.name,
            "what": case.what,
            "why": case.why,
            "status": match verdict.status {
                Status::Ok => "ok",
                Status::Failed => "failed",
            },
            "expected": verdict.expected,
            "got": verdict.got,
            "message": verdict.message,
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
        output::line(false, &format!("{:NAME_WIDTH$}  because: {}", "", case.why));
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
