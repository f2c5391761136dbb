//! Moments, as the pages show them: in UTC, until the script `times.js` shows them in the time zone of the reader.

use maud::{Markup, html};
use serde::Serializer;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Date and time to the minute. The script adds words, such as "5 minutes ago".
pub(super) fn date_and_time(moment: OffsetDateTime) -> Markup {
    let (date, time) = (moment.date(), moment.time());
    let text = format!("{date} {:02}:{:02} UTC", time.hour(), time.minute());
    element(moment, "date", &text)
}

/// The time of day to the second.
pub(super) fn time_of_day(moment: OffsetDateTime) -> Markup {
    element(moment, "clock", &format!("{} UTC", clock(moment)))
}

/// Date and time to the second in UTC, for files.
pub(super) fn plain(moment: OffsetDateTime) -> String {
    format!("{} {} UTC", moment.date(), clock(moment))
}

/// The time of day to the second in UTC, for files.
pub(super) fn clock(moment: OffsetDateTime) -> String {
    let time = moment.time();
    format!(
        "{:02}:{:02}:{:02}",
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// What `time` elements and scripts understand, to the second.
pub(super) fn iso(moment: OffsetDateTime) -> String {
    let whole = moment.replace_nanosecond(0).unwrap_or(moment);
    whole.format(&Rfc3339).unwrap_or_default()
}

/// Serializes a moment as [`iso`] writes it.
pub(super) fn serialize<S: Serializer>(
    moment: &OffsetDateTime,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&iso(*moment))
}

fn element(moment: OffsetDateTime, shown: &str, text: &str) -> Markup {
    html! { time datetime=(iso(moment)) data-show=(shown) { (text) } }
}
