//! The runs of all users, for administrators: who ran which bot, when, and how it ended. Their logs are for their users
//! alone.

use super::{Filter, Run, RunsError, page};
use crate::name::Name;
use crate::page::Page;
use crate::principal::Principal;
use crate::store::Store;
use crate::store::integrity::USERS;

/// A run with its user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedRun {
    /// The user it belongs to.
    pub owner: Name,
    /// The run.
    pub run: Run,
}

impl Store {
    /// Runs of all users, or of this one, that match every field of the filter, newest first: at most `limit`, skipping the
    /// first `offset`. Administrators get those of all users, a user gets their own.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn runs_of_users(
        &self,
        principal: &Principal,
        user: Option<&Name>,
        filter: &Filter,
        offset: u32,
        limit: u32,
    ) -> Result<Page<OwnedRun>, RunsError> {
        let mut tx = self.read().await?;
        let user = if principal.is_administrator() {
            user
        } else {
            principal.user()
        };
        let owner = match user {
            None => None,
            Some(user) => match tx.named(&USERS, user.as_str()).await? {
                Some(row) => Some(row.id),
                None => return Ok(Page::default()),
            },
        };
        let (rows, total) = page(&mut tx, owner.as_deref(), filter, offset, limit).await?;
        let owners: Vec<&str> = rows
            .iter()
            .map(|it| it.row().get("owner_id"))
            .collect::<Result<_, _>>()?;
        let names = tx.names(&USERS, &owners).await?;
        let owned = |(owner, run): (&&str, Run)| OwnedRun {
            owner: names[*owner].clone(),
            run,
        };
        let runs = super::runs(&mut tx, &rows).await?;
        let runs = owners.iter().zip(runs);
        Ok(Page::new(runs.map(owned).collect(), total))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::runs_of;
    use super::*;
    use crate::runs::{Outcome, State};
    use crate::{KeySource, Place};

    #[tokio::test]
    async fn administrators_see_who_ran_what_but_no_log_of_others() {
        let store = Store::open(Place::Memory, KeySource::InFolder)
            .await
            .unwrap();
        let (ada, bob) = (runs_of(&store, "ada").await, runs_of(&store, "bob").await);
        ada.begin("1", "Ada's").await.unwrap();
        let bobs = bob.begin("2", "Bob's").await.unwrap();
        bob.end(&bobs.id, Outcome::Failed, "secret").await.unwrap();
        let [ada_name, bob_name, eve]: [Name; 3] =
            ["ada", "bob", "eve"].map(|name| name.parse().unwrap());
        let administrator = Principal::Administrator(ada_name.clone());
        let failed = Filter {
            state: Some(State::Ended(Outcome::Failed)),
            ..Filter::default()
        };
        let all = Filter::default();
        let bob_himself = Principal::User(bob_name.clone());
        for (principal, user, filter, expected) in [
            (&administrator, None, &all, vec!["bob: Bob's", "ada: Ada's"]),
            (&administrator, None, &failed, vec!["bob: Bob's"]),
            (&administrator, Some(&ada_name), &all, vec!["ada: Ada's"]),
            (&administrator, Some(&eve), &all, vec![]),
            (&bob_himself, None, &all, vec!["bob: Bob's"]),
            (&bob_himself, Some(&ada_name), &all, vec!["bob: Bob's"]),
        ] {
            let page = store.runs_of_users(principal, user, filter, 0, 9).await;
            let page = page.unwrap();
            let runs = page.items.iter();
            let runs: Vec<_> = runs
                .map(|it| format!("{}: {}", it.owner, it.run.bot))
                .collect();
            assert_eq!(runs, expected, "{principal:?} {user:?}");
            assert_eq!(page.total, expected.len() as u64);
        }
        let log = ada.get(&bobs.id).await;
        assert!(matches!(log, Err(RunsError::NoRun)), "{log:?}");
    }
}
