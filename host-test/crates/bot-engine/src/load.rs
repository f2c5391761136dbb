//! The catalogue of a runner: the forms of its components' actions, and those of the engine's own steps.

use std::sync::Arc;

use crate::action::ActionRunner;
use crate::catalogue::{Catalogue, CatalogueError, of_component};
use crate::messages::Language;
use crate::steps::{api_request, log, run_bot};

impl Catalogue {
    /// The catalogue of a runner's actions.
    ///
    /// # Errors
    ///
    /// See [`CatalogueError`].
    pub async fn load(actions: &dyn ActionRunner) -> Result<Self, CatalogueError> {
        let mut forms = [const { Vec::new() }; Language::ALL.len()];
        for (forms, language) in forms.iter_mut().zip(Language::ALL) {
            for (component, actions) in actions.components(language.tag()).await? {
                let component = Arc::new(component);
                let invalid = |fault| CatalogueError::Invalid {
                    component: Arc::clone(&component.name),
                    fault,
                };
                forms.extend(of_component(&component, actions, language).map_err(invalid)?);
            }
            forms.push(Arc::new(api_request::form(language)));
            forms.push(Arc::new(log::form(language)));
            forms.push(Arc::new(run_bot::form(language)));
        }
        Self::new(forms)
    }
}
