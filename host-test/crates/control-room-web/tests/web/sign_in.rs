//! Sign-in, sign-out, and the rate limit of attempts.

use control_room::Principal;
use secrecy::ExposeSecret;
use tokio::task::JoinSet;

use crate::client::{Answer, ControlRoom, PASSWORD, name};

#[tokio::test]
async fn the_cookie_is_for_this_site_alone_and_no_script_reads_it() {
    let room = ControlRoom::start().await;
    let mut client = room.client();
    let before = client.get("/sign-in").await;
    let after = client.sign_in("ada", PASSWORD).await;
    for answer in [before, after] {
        let cookie = answer.header("set-cookie").unwrap();
        let (value, attributes) = cookie.split_once("; ").unwrap();
        assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Strict");
        assert_eq!(value.len(), room.cookie().len() + 1 + 43, "{value}");
    }
}

#[tokio::test]
async fn signing_in_gives_a_session_that_nobody_knew_before() {
    let room = ControlRoom::start().await;
    let mut ada = room.client();
    ada.get("/sign-in").await;
    let before = ada.cookies[&room.cookie()].clone();
    ada.sign_in("ada", PASSWORD).await;
    assert_ne!(ada.cookies[&room.cookie()], before);
    assert_eq!(ada.get("/bots").await.status, 200);
    // Whoever put the first one there has nothing.
    let mut other = room.client();
    other.cookies.insert(room.cookie(), before);
    assert_eq!(other.get("/bots").await.status, 303);
    // And to sign in again ends the session before.
    let first = ada.cookies[&room.cookie()].clone();
    ada.get("/bots").await;
    let fields = [("name", "ada"), ("password", PASSWORD)];
    assert_eq!(ada.post("/sign-in", &fields).await.status, 303);
    other.cookies.insert(room.cookie(), first);
    assert_eq!(other.get("/bots").await.status, 303);
}

/// Cookies are not isolated by port.
#[tokio::test]
async fn two_control_rooms_in_one_browser_leave_each_other_alone() {
    let (room, other) = (ControlRoom::start().await, ControlRoom::start().await);
    let mut ada = room.signed_in("ada").await;
    let mut there = other.client();
    there.cookies = ada.cookies.clone();
    assert_eq!(there.get("/bots").await.status, 303);
    assert_eq!(there.sign_in("bob", PASSWORD).await.status, 303);
    ada.cookies = there.cookies.clone();
    assert_eq!(ada.get("/bots").await.status, 200);
    there.get("/bots").await;
    assert_eq!(there.post("/sign-out", &[]).await.status, 303);
    ada.cookies = there.cookies;
    assert_eq!(ada.get("/bots").await.status, 200);
}

#[tokio::test]
async fn a_made_up_cookie_is_nobodys() {
    let room = ControlRoom::start().await;
    for value in ["", "a", &"a".repeat(43), &"a".repeat(5000), "\"><script>"] {
        let mut client = room.client();
        client.cookies.insert(room.cookie(), value.into());
        let answer = client.get("/bots").await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, Some("/sign-in"))
        );
    }
}

#[tokio::test]
async fn who_signs_out_is_out() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    let session = ada.cookies[&room.cookie()].clone();
    assert_eq!(ada.post("/sign-out", &[]).await.status, 303);
    assert_ne!(ada.cookies[&room.cookie()], session);
    ada.cookies.insert(room.cookie(), session);
    assert_eq!(ada.get("/bots").await.status, 303);
}

#[tokio::test]
async fn a_user_who_is_removed_is_out() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    room.store
        .users()
        .remove(&Principal::System, &name("ada"))
        .await
        .unwrap();
    assert_eq!(ada.get("/bots").await.status, 303);
    // Another user of that name is somebody else.
    room.store
        .users()
        .create(&Principal::System, &name("ada"))
        .await
        .unwrap();
    let passwords = room.store.passwords();
    passwords
        .set(&Principal::System, &name("ada"), &PASSWORD.into())
        .await
        .unwrap();
    assert_eq!(ada.get("/bots").await.status, 303);
}

#[tokio::test]
async fn a_new_password_ends_the_sessions_that_began_with_the_old_one() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    let new = "another horse & battery";
    let passwords = room.store.passwords();
    passwords
        .set(&Principal::System, &name("ada"), &new.into())
        .await
        .unwrap();
    assert_eq!(ada.get("/bots").await.status, 303);
    assert_eq!(ada.sign_in("ada", PASSWORD).await.status, 401);
    assert_eq!(ada.sign_in("ada", new).await.status, 303);
    assert_eq!(ada.get("/bots").await.status, 200);
}

#[tokio::test]
async fn an_unknown_user_is_answered_as_a_wrong_password_is() {
    let room = ControlRoom::start().await;
    let mut answers = Vec::new();
    for user in ["ada", "nobody", "no/name"] {
        let mut client = room.client();
        client.get("/sign-in").await;
        let token = client.form_token.clone();
        let answer = client.sign_in(user, "wrong wrong wrong").await;
        assert_eq!(answer.status, 401);
        answers.push(answer.body.replace(user, "USER").replace(&token, "TOKEN"));
    }
    assert!(answers[0].contains("is not right"), "{}", answers[0]);
    assert!(answers.iter().all(|answer| *answer == answers[0]));
}

/// To wait for a hash takes longer than the first waits last: whoever is to be refused tries at the same time.
#[tokio::test]
async fn after_a_few_attempts_one_has_to_wait_and_others_have_not() {
    let room = ControlRoom::start().await;
    let attempts = wrong_attempts(&room, 12).await;
    let mut free = 0;
    for answer in attempts.join_all().await {
        if answer.status == 401 {
            free += 1;
            continue;
        }
        assert_eq!(answer.status, 429);
        let seconds = answer.header("retry-after").unwrap();
        let words = format!("Wait {seconds} s");
        assert!(answer.body.contains(&words), "{words}: {}", answer.body);
    }
    assert!((4..12).contains(&free), "{free} attempts were free");
    let mut bob = room.client();
    assert_eq!(bob.sign_in("bob", PASSWORD).await.status, 303);
}

/// Or one could go on guessing. Where a machine is so slow that the wait is over before, it is tried again.
#[tokio::test]
async fn the_right_password_helps_nobody_who_has_to_wait() {
    let room = ControlRoom::start().await;
    let mut ada = room.client();
    for _ in 0..3 {
        let mut attempts = wrong_attempts(&room, 5).await;
        // It is answered at once, and the others when their hashes are made.
        let first = attempts.join_next().await.unwrap().unwrap();
        let right = ada.sign_in("ada", PASSWORD).await;
        if (first.status, right.status) == (429, 429) {
            return;
        }
        attempts.join_all().await;
    }
    panic!("the right password was always taken");
}

/// So many at the same time.
async fn wrong_attempts(room: &ControlRoom, count: usize) -> JoinSet<Answer> {
    let mut attempts = JoinSet::new();
    for _ in 0..count {
        let mut client = room.client();
        client.get("/sign-in").await;
        let wrong = [("name", "ada"), ("password", "wrong wrong wrong")];
        attempts.spawn(async move { client.post("/sign-in", &wrong).await });
    }
    attempts
}

#[tokio::test]
async fn no_answer_has_a_password() {
    let room = ControlRoom::start().await;
    let mut client = room.client();
    let answer = client.sign_in("ada", "canary canary canary").await;
    assert!(!answer.body.contains("canary"), "{}", answer.body);
}

#[tokio::test]
async fn the_first_user_is_made_with_the_link_and_only_once() {
    let room = ControlRoom::empty().await;
    let url = room.pages.first_run_url().await.unwrap().unwrap();
    let (_, link) = url.expose_secret().split_once("link=").unwrap();
    let fields = |link, user| {
        [
            ("link", link),
            ("name", user),
            ("password", PASSWORD),
            ("again", PASSWORD),
        ]
    };
    let mut other = room.client();
    let answer = other.get("/sign-in").await;
    assert!(
        answer.body.contains("Nobody can sign in yet"),
        "{}",
        answer.body
    );
    let guess = "a".repeat(43);
    assert_eq!(
        other.get(&format!("/first-run?link={guess}")).await.status,
        404
    );
    other.get("/sign-in").await;
    assert_eq!(
        other
            .post("/first-run", &fields(&guess, "eve"))
            .await
            .status,
        404
    );

    let mut first = room.client();
    let page = format!("/first-run?link={link}");
    assert_eq!(first.get(&page).await.status, 200);
    let mut second = room.client();
    second.get(&page).await;
    // Both at once: one of them is the first.
    let (one, two) = (fields(link, "ada"), fields(link, "eve"));
    let (one, two) = tokio::join!(
        first.post("/first-run", &one),
        second.post("/first-run", &two)
    );
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 404]);
    assert_eq!(room.store.users().list().await.unwrap().len(), 1);
    assert!(room.pages.first_run_url().await.unwrap().is_none());
    assert_eq!(other.get(&page).await.status, 404);
}
