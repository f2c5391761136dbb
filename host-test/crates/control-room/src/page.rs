//! Pages of lists, and the patterns of searches.

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// How many items match the search, on all pages together.
    pub total: u64,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self::new(Vec::new(), 0)
    }
}

impl<T> Page<T> {
    /// A page, with a total as `COUNT(*)` gives it.
    pub(crate) fn new(items: Vec<T>, total: i64) -> Self {
        Self {
            items,
            total: total.unsigned_abs(),
        }
    }
}

/// The `LIKE … ESCAPE '!'` pattern of lower-case texts that contain `search`.
pub(crate) fn contains_pattern(search: &str) -> String {
    pattern(&search.to_lowercase())
}

/// The `LIKE … ESCAPE '!'` pattern of texts that contain `search`.
pub(crate) fn pattern(search: &str) -> String {
    let mut pattern = String::from("%");
    for c in search.trim().chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bots::Reference;
    use crate::runs::{Filter, Outcome};
    use crate::store::integrity::USERS;
    use crate::store::{KeySource, Place, QUERIES, Store};
    use crate::{Name, Principal};

    async fn queries<T, E: std::fmt::Debug>(page: impl Future<Output = Result<T, E>>) -> usize {
        let before = QUERIES.get();
        page.await.unwrap();
        QUERIES.get() - before
    }

    #[tokio::test]
    async fn no_page_asks_the_database_once_per_row() {
        let name = |text: String| -> Name { text.parse().unwrap() };
        let store = Store::open(Place::Memory, KeySource::InFolder)
            .await
            .unwrap();
        let (vault, system) = (store.vault(), Principal::System);
        let locker = name("genesys".into());
        vault
            .create_locker(&locker, &Default::default())
            .await
            .unwrap();
        let credential = "genesys/hello".parse().unwrap();
        vault
            .create_credential(&credential, &Default::default())
            .await
            .unwrap();
        let (ada, password) = (name("ada".into()), "correct horse & battery".into());
        store
            .passwords()
            .create_user(&system, &ada, &password)
            .await
            .unwrap();
        let ada = store.passwords().named(&ada).await.unwrap().unwrap();
        let runs = store.runs(&ada);
        let all = Filter::default();
        let mut counts = Vec::new();
        for row in 0..20 {
            let path = format!("genesys/hello/{row}").parse().unwrap();
            vault
                .set_attribute(&path, &Default::default())
                .await
                .unwrap();
            let user = name(format!("user {row}"));
            store.users().create(&system, &user).await.unwrap();
            let mut account = ada.clone();
            let mut tx = store.read().await.unwrap();
            account.id = tx.named(&USERS, user.as_str()).await.unwrap().unwrap().id;
            drop(tx);
            let file = r#"{ "credential": "genesys/hello/0" }"#;
            store.bots(&account).create("Bot", file).await.unwrap();
            for runs in [&runs, &store.runs(&account)] {
                let run = runs.begin("bot", "Bot").await.unwrap();
                runs.end(&run.id, Outcome::Done, "log").await.unwrap();
            }
            let reference = Reference::Credential(&credential);
            counts.push([
                queries(vault.credentials(&locker)).await,
                queries(vault.credential(&system, &credential)).await,
                queries(store.bots_with(reference, &system, 99)).await,
                queries(store.runs_of_users(&system, None, &all, 0, 99)).await,
                queries(runs.list(&all, 0, 99)).await,
                queries(runs.with_log(&all, |log| log == "log", 0, 99)).await,
            ]);
        }
        // Files and logs are read 16 at a time.
        let [a, b, files, c, d, logs] = counts[0];
        assert_eq!(counts[19], [a, b, files + 1, c, d, logs + 1]);
        let found = store
            .bots_with(Reference::Locker(&locker), &system, 99)
            .await;
        let owners = found
            .unwrap()
            .items
            .into_iter()
            .map(|it| it.owner.to_string());
        assert!(owners.is_sorted() && counts[0].iter().all(|count| *count > 0));
    }

    #[test]
    fn wildcards_in_a_search_are_escaped() {
        assert_eq!(contains_pattern(" 50%_Off! "), "%50!%!_off!!%");
        assert_eq!(contains_pattern(""), "%%");
    }
}
