//! The data folder of the Control Room: to whom it belongs, its key, and whether the database opens. A database on a server
//! has no folder.

use control_room::{Notice, Place, Store, StoreError};
use tokio::time::timeout;

use super::{Check, LIMIT, Report, messages};
use crate::cli::data::DataOptions;
use crate::cli::locale::language;

pub(super) async fn check(options: &DataOptions, report: &mut Report) -> anyhow::Result<()> {
    let place = options.place()?;
    let subject = match &place {
        Place::Folder(folder) => folder.display().to_string(),
        Place::Database(url) => url.to_string(),
        Place::Memory => return Ok(()),
    };
    let is_folder = matches!(place, Place::Folder(_));
    let check = |name, found: String| Check::new(name, &subject, found);
    if !place.exists() {
        report.add(check("data", messages::no_control_room(language()).into()));
        return Ok(());
    }
    let opened = match timeout(LIMIT, Store::open(place, options.key_source())).await {
        Ok(opened) => opened,
        Err(_) => Err(StoreError::Busy),
    };
    let (part, error) = match opened {
        Ok(store) => {
            if is_folder {
                report.add(check("data", messages::folder_is_yours(language()).into()));
            }
            report.add(key(&subject, store.notices()));
            let opens = check("database", messages::opens(language()).into());
            report.add(if store.notices().contains(&Notice::FirstSealing) {
                opens.warning(Notice::FirstSealing.message(language()))
            } else {
                opens
            });
            store.close().await;
            return Ok(());
        }
        Err(error) => (part(&error), error),
    };
    // What an error says ends with what to do.
    let text = error.message(language());
    let (found, advice) = text.split_once("; ").unwrap_or((&text, ""));
    report.add(check(part, found.to_owned()).failed(advice));
    Ok(())
}

/// The key of a store that was opened.
fn key(subject: &str, notices: &[Notice]) -> Check {
    let notice = notices
        .iter()
        .find(|it| matches!(it, Notice::KeyNotMarked(_)));
    let found = |found: &str| Check::new("key", subject, found);
    match notice {
        Some(notice) => found(messages::not_marked(language())).warning(notice.message(language())),
        None => found(messages::marked(language())),
    }
}

/// What an error is about.
fn part(error: &StoreError) -> &'static str {
    use StoreError as E;
    match error {
        E::MissingKey(_)
        | E::WrongKey { .. }
        | E::MalformedKey(_)
        | E::KeyReadableByOthers(_)
        | E::KeyFileNeeded => "key",
        E::OwnedByAnother(path) if path.is_file() => "key",
        E::NotAFolder(_)
        | E::OwnedByAnother(_)
        | E::WritableByOthers(_)
        | E::ReadOnly
        | E::Full => "data",
        _ => "database",
    }
}
