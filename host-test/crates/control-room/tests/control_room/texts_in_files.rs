//! Bot files and logs of runs are in no file of the data folder in the clear.

use std::path::Path;

use control_room::bots::Save;
use control_room::runs::Outcome;
use secrecy::ExposeSecret;

use super::former_version::copy_of;
use super::support::{files, name, open};
use super::versions::{account, numbers};

fn is_in_folder(folder: &Path, text: &str) -> bool {
    let contains = |content: &Vec<u8>| {
        content
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    files(folder).values().any(contains)
}

#[tokio::test]
async fn neither_a_bot_nor_a_log_is_in_the_files_in_the_clear() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    let ada = account(&store, "ada").await;
    let (bots, runs) = (store.bots(&ada), store.runs(&ada));
    let id = bots.create("Bot", "canary-1").await.unwrap();
    bots.save(&id, 1, "Bot", "canary-2", Save::Kept)
        .await
        .unwrap();
    bots.save(&id, 2, "Bot", "canary-3", Save::Kept)
        .await
        .unwrap();
    let run = runs.begin(&id, "Bot").await.unwrap();
    runs.end(&run.id, Outcome::Done, "canary-4").await.unwrap();
    store.rotate_key().await.unwrap();
    assert_eq!(bots.get(&id).await.unwrap().file, "canary-3");
    let former = bots.version(&id, 2).await.unwrap();
    assert_eq!(former.file.expose_secret(), "canary-2");
    assert_eq!(runs.get(&run.id).await.unwrap().1, "canary-4");
    assert!(!is_in_folder(folder.path(), "canary"));
    store.close().await;
    assert!(!is_in_folder(folder.path(), "canary"));
}

#[tokio::test]
async fn what_a_former_version_stored_in_the_clear_is_sealed_when_the_folder_is_opened() {
    for fixture in ["folder-0.1.0", "folder-tables-6"] {
        let folder = copy_of(fixture);
        // What the bots and logs of the fixtures contain.
        let clear = ["\"client-credentials\"", "Hello Genesys\\\"", "\"kind\":"];
        let before = clear.map(|text| is_in_folder(folder.path(), text));
        assert!(before.contains(&true), "{fixture}: {before:?}");
        let store = open(folder.path()).await.unwrap();
        let ada = store.passwords().named(&name("ada")).await.unwrap();
        let bots = store.bots(&ada.unwrap());
        for bot in bots.list("", 0, 10).await.unwrap().items {
            assert_eq!(numbers(&bots, &bot.id).await, [bot.version]);
        }
        store.close().await;
        let after = clear.map(|text| is_in_folder(folder.path(), text));
        assert_eq!(after, [false; 3], "{fixture}");
    }
}
