//! The workers, and how many runs wait for them and have been begun by them, for administrators.

use std::sync::Arc;

use axum::extract::State;
use maud::{Markup, html};

use super::app::App;
use super::failure::Failure;
use super::layout::page;
use super::messages;
use super::moments;
use super::permissions::Administrator;

/// The address of the page.
pub(super) const PATH: &str = "/workers";

pub(super) async fn list(
    State(app): State<Arc<App>>,
    Administrator(user): Administrator,
) -> Result<Markup, Failure> {
    let queue = app.store.queue();
    let (workers, lengths) = (queue.workers().await?, queue.lengths().await?);
    let frame = user.session.frame(&app);
    let language = frame.language;
    let main = html! {
        div.bar { h1 { (messages::workers(language)) } }
        section.card aria-labelledby="queue-title" {
            h2 #queue-title { (messages::worker_queue(language)) }
            @if lengths.is_empty() {
                p.empty { (messages::worker_queue_empty(language)) }
            } @else {
                table.list #queue {
                    thead { tr {
                        th scope="col" { (messages::worker_pool(language)) }
                        th scope="col" { (messages::worker_waiting(language)) }
                        th scope="col" { (messages::worker_running(language)) }
                    } }
                    tbody {
                        @for length in &lengths {
                            tr {
                                th scope="row" { (length.pool) }
                                td { (length.waiting) }
                                td { (length.running) }
                            }
                        }
                    }
                }
            }
        }
        section.card aria-labelledby="workers-title" {
            h2 #workers-title { (messages::workers(language)) }
            @if workers.is_empty() {
                p.empty { (messages::no_workers(language)) }
            } @else {
                table.list #workers {
                    thead { tr {
                        th scope="col" { (messages::run_worker(language)) }
                        th scope="col" { (messages::worker_pool(language)) }
                        th scope="col" { (messages::worker_slots(language)) }
                        th scope="col" { (messages::worker_version(language)) }
                        th scope="col" { (messages::worker_started(language)) }
                        th scope="col" { (messages::worker_seen(language)) }
                    } }
                    tbody {
                        @for worker in &workers {
                            tr {
                                th scope="row" { (worker.name) }
                                td { (worker.pool) }
                                td { (worker.slots) }
                                td { (worker.version) }
                                td.when { (moments::date_and_time(worker.started)) }
                                td.when { (moments::date_and_time(worker.seen)) }
                            }
                        }
                    }
                }
            }
        }
    };
    Ok(page(&frame, messages::workers(language), main))
}
