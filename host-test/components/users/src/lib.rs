//! The actions *Genesys > Users*, as one WebAssembly component: list, get, create and delete the users of an
//! organization, with a session that *OAuth authenticate* opened. Get, create and delete correspond to the actions of the
//! package that bots use today; list was added because get and delete need the ID of a user.
//!
//! It exports `bot:action` and nothing else. The bindings, the transport and the errors are those of the crate
//! `oauth_authentication`, which is a library here:
//!
//! - [`fields`] checks what a designer entered, and decides where the token may be sent;
//! - [`run`] makes requests and reads their responses, as pure functions;
//! - [`failure`] turns errors into those of the contract, and explains them;
//! - [`form`] and [`texts`] localize forms and messages, from `locales/`.

pub mod failure;
pub mod fields;
pub mod form;
pub mod operation;
pub mod run;
#[path = "../../../../action/src/texts.rs"]
pub mod texts;

#[cfg(target_family = "wasm")]
#[allow(unsafe_code, unreachable_pub, reason = "generated from the contract")]
mod component {
    use oauth_authentication::bindings::action;
    use oauth_authentication::run::wit::{Argument, Failure, Success};
    use oauth_authentication::wit::Action;

    struct Component;

    impl action::exports::bot::action::form::Guest for Component {
        fn actions(locale: String) -> Vec<Action> {
            crate::form::actions(&locale)
        }
    }

    impl action::exports::bot::action::run::Guest for Component {
        fn run(action: String, arguments: Vec<Argument>) -> Result<Success, Failure> {
            crate::run::run(&action, arguments)
        }

        fn check(action: String, arguments: Vec<Argument>) -> Vec<Failure> {
            crate::run::check(&action, &arguments)
        }

        fn explain(action: String, failure: Failure, locale: String) -> String {
            crate::failure::explain(&action, &failure, &locale)
        }
    }

    action::export!(Component with_types_in action);
}
