//! What the pages of a locker share: its name from the address, and the notice that nobody may use it.

use bot_engine::Language;
use maud::{Markup, html};

use super::messages;
use crate::failure::Failure;
use crate::form_components::Subject;
use control_room::Name;
use control_room::vault::LockerView;

/// The name of the locker.
pub(super) fn locker_of(subject: &Subject) -> Result<Name, Failure> {
    subject.name.parse().map_err(|_| Failure::NotFound)
}

/// Says so if no user has a role that may use the locker.
pub(super) fn nobody_may_use(language: Language, locker: &LockerView) -> Markup {
    html! {
        @if !locker.has_users { p.notice #nobody { (messages::nobody_may_use(language)) } }
    }
}
