//! The pages about schedules: the form, what is wrong in it, and the list.

use control_room::queue::NewWorker;
use control_room_web::worker::Scheduler;
use serde_json::json;

use crate::client::{Answer, Client, ControlRoom, name};

const SECRET: &str = "canary-input";

async fn room() -> (ControlRoom, Client) {
    let room = ControlRoom::start().await;
    let ada = room.signed_in("ada").await;
    (room, ada)
}

/// Creates a bot, with inputs or without, and returns its path.
async fn create_bot(client: &mut Client, inputs: bool) -> String {
    let variables = json!([
        { "name": "who", "input": true },
        { "name": "key", "type": "credential", "input": true },
    ]);
    let bot = json!({
        "name": "Nightly",
        "variables": if inputs { variables } else { json!([]) },
        "steps": [{ "action": "log", "message": "Hello" }],
    });
    client.get("/bots/import").await;
    let file = bot.to_string();
    let imported = client.post("/bots/import", &[("file", &file)]).await;
    imported.header("location").unwrap().into()
}

async fn save(client: &mut Client, bot: &str, fields: &[(&str, &str)]) -> Answer {
    let form = format!("{bot}/schedule");
    client.get(&form).await;
    client.post(&form, fields).await
}

const AT_NINE: [(&str, &str); 3] = [
    ("days", "* * 1-5"),
    ("time", "09:00"),
    ("zone", "Europe/Berlin"),
];

/// The address of an action of the only schedule.
async fn action(client: &mut Client, action: &str) -> String {
    let list = client.get("/schedules").await.body;
    let mut parts = list.split("action=\"/schedules/").skip(1);
    let part = parts.find_map(|it| it.split('"').next().filter(|it| it.ends_with(action)));
    format!("/schedules/{}", part.unwrap())
}

#[tokio::test]
async fn a_schedule_is_saved_paused_resumed_and_removed() {
    let (_room, mut ada) = room().await;
    let bot = create_bot(&mut ada, false).await;
    assert!(
        ada.get("/bots")
            .await
            .body
            .contains(&format!("{bot}/schedule"))
    );
    let saved = save(&mut ada, &bot, &AT_NINE).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let list = ada.get(saved.header("location").unwrap()).await.body;
    for shown in [
        "The schedule was saved",
        "Nightly",
        "Monday to Friday, 09:00",
        "Europe/Berlin",
        "None yet",
    ] {
        assert!(list.contains(shown), "{shown}: {list}");
    }
    // Of those that are listed, none runs what is queued now.
    assert!(
        list.contains("No worker for the pool “default” is running"),
        "{list}"
    );
    let pause = action(&mut ada, "pause").await;
    assert_eq!(ada.post(&pause, &[]).await.status, 303);
    let list = ada.get("/schedules").await.body;
    assert!(
        list.contains("Paused") && !list.contains("No worker"),
        "{list}"
    );
    let resume = action(&mut ada, "resume").await;
    assert_eq!(ada.post(&resume, &[]).await.status, 303);
    assert!(!ada.get("/schedules").await.body.contains("Paused"));
    let remove = action(&mut ada, "remove").await;
    assert_eq!(ada.post(&remove, &[]).await.status, 303);
    assert!(
        ada.get("/schedules")
            .await
            .body
            .contains("no schedules yet")
    );
    assert_eq!(ada.post(&remove, &[]).await.status, 404);
}

#[tokio::test]
async fn a_cron_expression_takes_precedence() {
    let (_room, mut ada) = room().await;
    let bot = create_bot(&mut ada, false).await;
    let fields = [&AT_NINE[..], &[("cron", "*/15 8-17 * * *")]].concat();
    assert_eq!(save(&mut ada, &bot, &fields).await.status, 303);
    let list = ada.get("/schedules").await.body;
    assert!(list.contains("*/15 8-17 * * * (Europe/Berlin)"), "{list}");
}

#[tokio::test]
async fn what_is_wrong_is_said_at_its_field_and_what_was_typed_stays() {
    let (_room, mut ada) = room().await;
    let bot = create_bot(&mut ada, false).await;
    let field = |name: &'static str, text: &'static str| (name, text);
    for (language, wrong, id, message) in [
        ("en", field("time", ""), "time", "Enter a time"),
        (
            "de",
            field("time", "nine"),
            "time",
            "Geben Sie eine Uhrzeit ein",
        ),
        (
            "en",
            field("zone", "Berlin"),
            "zone",
            "Is it Europe/Berlin?",
        ),
        ("en", field("time", "25:00"), "time", "Enter a time"),
        ("en", field("time", "+9:+5"), "time", "Enter a time"),
        (
            "de",
            field("zone", "Atlantis"),
            "zone",
            "nicht der Name einer Zeitzone",
        ),
        (
            "en",
            field("cron", "0 99 * * *"),
            "cron",
            "is not valid as the hour",
        ),
        ("de", field("cron", "0 9"), "cron", "5 Felder, nicht 2"),
    ] {
        ada.with("accept-language", language);
        let mut fields: Vec<_> = AT_NINE.into_iter().filter(|it| it.0 != wrong.0).collect();
        fields.push(wrong);
        let answer = save(&mut ada, &bot, &fields).await;
        assert_eq!(answer.status, 422, "{wrong:?}");
        let (_, error) = answer
            .body
            .split_once(&format!("id=\"{id}-error\""))
            .unwrap();
        let (error, _) = error.split_once("</p>").unwrap();
        assert!(error.contains(message), "{error}");
        for (name, text) in fields
            .iter()
            .filter(|it| it.0 != "days" && !it.1.is_empty())
        {
            assert!(
                answer.body.contains(&format!("value=\"{text}\"")),
                "{name}: {}",
                answer.body
            );
        }
        assert!(
            answer.body.contains("value=\"* * 1-5\" selected"),
            "{}",
            answer.body
        );
    }
}

#[tokio::test]
async fn a_bot_with_a_mistake_is_not_scheduled() {
    let (_room, mut ada) = room().await;
    ada.get("/bots/import").await;
    let file = json!({ "name": "Wrong", "steps": [{ "action": "log", "message": "{nothing}" }] });
    let imported = ada
        .post("/bots/import", &[("file", &file.to_string())])
        .await;
    let bot = imported.header("location").unwrap().to_owned();
    let answer = save(&mut ada, &bot, &AT_NINE).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("nothing"), "{}", answer.body);
    assert!(
        ada.get("/schedules")
            .await
            .body
            .contains("no schedules yet")
    );
}

#[tokio::test]
async fn a_bot_with_inputs_starts_with_what_was_given_and_secrets_are_not_shown() {
    let (room, mut ada) = room().await;
    let bot = create_bot(&mut ada, true).await;
    let missing = save(&mut ada, &bot, &AT_NINE).await;
    assert_eq!(missing.status, 422);
    let inputs = [
        ("input:who", "Ada"),
        ("input:key", SECRET),
        ("missed", "once"),
    ];
    let without_key = [&AT_NINE[..], &inputs[..1]].concat();
    let missing = save(&mut ada, &bot, &without_key).await;
    assert_eq!(missing.status, 422);
    assert!(missing.body.contains("value=\"Ada\""), "{}", missing.body);
    let all = [&AT_NINE[..], &inputs[..]].concat();
    assert_eq!(save(&mut ada, &bot, &all).await.status, 303);
    assert!(!ada.get("/schedules").await.body.contains(SECRET));

    let worker = NewWorker {
        name: "worker",
        pool: &name("default"),
        slots: 1,
        version: "1",
    };
    room.store.queue().register(&worker).await.unwrap();
    let due = "UPDATE schedules SET next_at = 1";
    room.store.execute_with_key(due).await.unwrap();
    Scheduler::new(room.store.clone()).start_due().await;
    let list = ada.get("/schedules").await.body;
    assert!(!list.contains("No worker"), "{list}");
    let (_, run) = list.split_once("href=\"/runs/").unwrap();
    let run = format!("/runs/{}", run.split('"').next().unwrap());
    let page = ada.get(&run).await.body;
    assert!(
        page.contains("data-state=\"queued\"") && page.contains("Nightly"),
        "{page}"
    );
}
