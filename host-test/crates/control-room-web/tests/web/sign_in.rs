//! Sign-in, sign-out, and the rate limit of attempts.

use std::time::{Duration, Instant};

use control_room::audit::Outcome;
use control_room::audit_events::{Action, Event, EventFilter};
use control_room::{Name, Principal};
use secrecy::ExposeSecret;
use tokio::task::JoinSet;

use crate::client::{Answer, Client, ControlRoom, PASSWORD, name};

#[tokio::test]
async fn the_session_cookie_is_http_only_and_same_site() {
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
async fn signing_in_starts_a_new_session() {
    let room = ControlRoom::start().await;
    let mut ada = room.client();
    ada.get("/sign-in").await;
    let before = ada.cookies[&room.cookie()].clone();
    ada.sign_in("ada", PASSWORD).await;
    assert_ne!(ada.cookies[&room.cookie()], before);
    assert_eq!(ada.get("/bots").await.status, 200);
    // The token from before the sign-in is not valid (session fixation).
    let mut other = room.client();
    other.cookies.insert(room.cookie(), before);
    assert_eq!(other.get("/bots").await.status, 303);
    // Signing in again ends the previous session.
    let first = ada.cookies[&room.cookie()].clone();
    ada.get("/bots").await;
    let fields = [("name", "ada"), ("password", PASSWORD)];
    assert_eq!(ada.post("/sign-in", &fields).await.status, 303);
    other.cookies.insert(room.cookie(), first);
    assert_eq!(other.get("/bots").await.status, 303);
}

#[tokio::test]
async fn a_sign_in_leads_back_to_the_page_that_asked_for_it() {
    let room = ControlRoom::start().await;
    let bot = room.signed_in("ada").await.create("Hello").await;
    let mut ada = room.client();
    let asked = ada.get(&format!("{bot}?x=1&y=2")).await;
    let page = asked.header("location").unwrap().to_owned();
    let form = ada.get(&page).await;
    let to = format!("{bot}?x=1&y=2");
    let field = format!("name=\"to\" value=\"{}\"", to.replace('&', "&amp;"));
    assert!(form.body.contains(&field), "{}", form.body);
    // Also after a wrong password.
    let wrong = [("name", "ada"), ("password", "wrong"), ("to", to.as_str())];
    let again = ada.post("/sign-in", &wrong).await;
    assert!(again.body.contains(&field), "{}", again.body);
    let right = [("name", "ada"), ("password", PASSWORD), ("to", to.as_str())];
    let signed_in = ada.post("/sign-in", &right).await;
    assert_eq!(signed_in.header("location"), Some(to.as_str()));
    // Who is signed in goes on at once.
    assert_eq!(ada.get(&page).await.header("location"), Some(to.as_str()));
}

#[tokio::test]
async fn a_sign_in_does_not_lead_to_another_site() {
    let room = ControlRoom::start().await;
    for to in [
        "https://example.com/",
        "//example.com/",
        "/\\example.com/",
        "javascript:alert(1)",
        "bots",
        "/a\r\nset-cookie: x=y",
        "",
    ] {
        let mut ada = room.client();
        ada.get("/sign-in").await;
        let fields = [("name", "ada"), ("password", PASSWORD), ("to", to)];
        let signed_in = ada.post("/sign-in", &fields).await;
        assert_eq!(signed_in.header("location"), Some("/bots"), "{to:?}");
    }
}

/// Cookies are not isolated by port.
#[tokio::test]
async fn two_control_rooms_in_one_browser_have_separate_sessions() {
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
async fn forged_cookies_are_rejected() {
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
async fn signing_out_ends_the_session() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    let session = ada.cookies[&room.cookie()].clone();
    assert_eq!(ada.post("/sign-out", &[]).await.status, 303);
    assert_ne!(ada.cookies[&room.cookie()], session);
    ada.cookies.insert(room.cookie(), session);
    assert_eq!(ada.get("/bots").await.status, 303);
}

#[tokio::test]
async fn removing_a_user_ends_their_sessions() {
    let room = ControlRoom::start().await;
    let mut ada = room.signed_in("ada").await;
    room.store
        .users()
        .remove(&Principal::System, &name("ada"))
        .await
        .unwrap();
    assert_eq!(ada.get("/bots").await.status, 303);
    // A new user of the same name does not inherit the session.
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
async fn a_new_password_ends_existing_sessions() {
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
async fn unknown_users_and_wrong_passwords_get_the_same_response() {
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
    assert!(answers[0].contains("is incorrect"), "{}", answers[0]);
    assert!(answers.iter().all(|answer| *answer == answers[0]));
}

/// Computing a hash takes longer than the first waits, so the attempts are concurrent.
#[tokio::test]
async fn repeated_attempts_have_to_wait_but_other_users_do_not() {
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

/// Otherwise, guessing could continue. The test is repeated if the machine is so slow that the wait is already over.
#[tokio::test]
async fn the_rate_limit_also_applies_to_the_right_password() {
    let room = ControlRoom::start().await;
    let mut ada = room.client();
    for _ in 0..3 {
        let mut attempts = wrong_attempts(&room, 5).await;
        // It is answered at once, the others when their hashes are computed.
        let first = attempts.join_next().await.unwrap().unwrap();
        let right = ada.sign_in("ada", PASSWORD).await;
        if (first.status, right.status) == (429, 429) {
            return;
        }
        attempts.join_all().await;
    }
    panic!("the right password was always accepted");
}

/// The wait after the first attempt too many.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);

/// Attempts to sign in with a wrong password until an attempt is refused. Returns when the last one began that was counted,
/// which is `last` if none was. The wait ends [`SHORTEST_WAIT`] after that at the earliest.
async fn until_refused(client: &mut Client, mut last: Instant) -> Instant {
    loop {
        let began = Instant::now();
        if client.sign_in("ada", "wrong wrong wrong").await.status == 429 {
            return last;
        }
        last = began;
    }
}

/// Otherwise, anybody could lock a user out by guessing. The test is repeated if the machine is so slow that a wait is
/// over before all has been tried.
#[tokio::test]
async fn guesses_of_strangers_do_not_keep_a_user_out_of_a_browser_that_is_known() {
    while !try_to_keep_strangers_out().await {}
}

/// Fails if a sign-in that must be refused is accepted. Returns false, to be repeated, if the wait ended before all
/// were tried.
async fn try_to_keep_strangers_out() -> bool {
    let room = ControlRoom::start().await;
    let mut known = room.signed_in("ada").await;
    // A cookie of another user, or a forged one, does not help.
    let cookie = format!("{}-known", room.cookie());
    let valid = known.cookies[&cookie].clone();
    let forged = format!("{}-{}", "a".repeat(43), "a".repeat(43));
    let bobs = room.signed_in("bob").await.cookies[&cookie].clone();
    // The session is over; the browser still knows who signed in.
    known.cookies.remove(&room.cookie());
    let mut stranger = room.client();
    let last = until_refused(&mut stranger, Instant::now()).await;
    for cookies in ["", &forged, &bobs, &valid[1..], &valid[..valid.len() - 1]] {
        stranger.cookies.insert(cookie.clone(), cookies.into());
        let answer = stranger.sign_in("ada", PASSWORD).await;
        if answer.status != 429 {
            assert!(last.elapsed() >= SHORTEST_WAIT, "{cookies:?}");
            return false;
        }
    }
    assert_eq!(known.sign_in("ada", PASSWORD).await.status, 303);
    // It is counted itself, too.
    known.cookies.remove(&room.cookie());
    until_refused(&mut known, Instant::now()).await;
    // A new password makes it unknown: it is refused like the stranger, who was refused before.
    let passwords = room.store.passwords();
    let new = "another horse & battery";
    passwords
        .set(&Principal::System, &name("ada"), &new.into())
        .await
        .unwrap();
    known.cookies.insert(cookie, valid);
    let last = until_refused(&mut stranger, last).await;
    let answer = known.sign_in("ada", new).await;
    assert!(answer.status == 429 || last.elapsed() >= SHORTEST_WAIT);
    answer.status == 429
}

/// Several users of one browser are known there.
#[tokio::test]
async fn a_browser_is_known_for_several_users() {
    let room = ControlRoom::start().await;
    let mut browser = room.signed_in("ada").await;
    assert_eq!(browser.sign_in("ada", PASSWORD).await.status, 303);
    browser.get("/bots").await;
    browser.post("/sign-out", &[]).await;
    assert_eq!(browser.sign_in("bob", PASSWORD).await.status, 303);
    let mut stranger = room.client();
    for user in ["ada", "bob"] {
        while stranger.sign_in(user, "wrong wrong wrong").await.status != 429 {}
    }
    for user in ["ada", "bob"] {
        browser.get("/bots").await;
        browser.post("/sign-out", &[]).await;
        assert_eq!(browser.sign_in(user, PASSWORD).await.status, 303, "{user}");
    }
}

#[tokio::test]
async fn sign_ins_are_audited_and_failed_ones_as_well() {
    let room = ControlRoom::start().await;
    let mut client = room.client();
    for (user, password) in [
        ("ada", "wrong wrong wrong"),
        ("nobody", PASSWORD),
        // Perhaps a password in the wrong field.
        ("not/a/name", PASSWORD),
        ("ada", PASSWORD),
    ] {
        client.sign_in(user, password).await;
    }
    let audit = room.store.audit();
    let filter = EventFilter {
        actor: None,
        action: Some(Action::SignIn),
    };
    let events = audit.events(&filter, None, 10).await.unwrap();
    let shown: Vec<_> = events
        .iter()
        .map(|event| {
            assert_eq!(event.subject, "127.0.0.1");
            (event.actor.as_ref().unwrap().as_str(), event.outcome)
        })
        .collect();
    let expected = [
        ("ada", Outcome::Used),
        ("nobody", Outcome::Refused),
        ("ada", Outcome::Refused),
    ];
    assert_eq!(shown, expected);
}

/// Otherwise a flood of attempts would fill the disk.
#[tokio::test]
async fn that_guessing_was_stopped_is_audited_once_for_each_wait() {
    let room = ControlRoom::start().await;
    let mut client = room.client();
    for (typed, recorded) in [("ada", Some("ada")), ("not/a/name", None)] {
        let (mut failed, mut refused) = (0, 0);
        while refused < 5 {
            match client.sign_in(typed, "wrong wrong wrong").await.status {
                401 => failed += 1,
                status => {
                    assert_eq!(status, 429);
                    refused += 1;
                }
            }
        }
        let filter = EventFilter {
            actor: None,
            action: Some(Action::TooManySignIns),
        };
        let events = room.store.audit().events(&filter, None, 10).await.unwrap();
        let of_actor = |event: &&Event| event.actor.as_ref().map(Name::as_str) == recorded;
        let events: Vec<_> = events.iter().filter(of_actor).collect();
        // Four attempts are free, and each further one begins a wait.
        assert!((1..=failed - 3).contains(&events.len()), "{events:#?}");
        for event in events {
            let shown = (event.subject.as_str(), event.outcome);
            assert_eq!(shown, ("127.0.0.1", Outcome::Refused));
        }
    }
}

/// Sends this many wrong passwords concurrently.
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
async fn passwords_are_not_sent_back() {
    let room = ControlRoom::start().await;
    let mut client = room.client();
    let answer = client.sign_in("ada", "canary canary canary").await;
    assert!(!answer.body.contains("canary"), "{}", answer.body);
}

#[tokio::test]
async fn the_first_run_link_creates_one_user_only() {
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
    // Of two concurrent requests, one succeeds.
    let (one, two) = (fields(link, "ada"), fields(link, "eve"));
    let (one, two) = tokio::join!(
        first.post("/first-run", &one),
        second.post("/first-run", &two)
    );
    let mut locations = [&one, &two].map(|it| it.header("location"));
    locations.sort_unstable();
    assert_eq!(locations, [Some("/bots"), Some("/sign-in")]);
    assert_eq!(room.store.users().list().await.unwrap().len(), 1);
    assert!(room.pages.first_run_url().await.unwrap().is_none());
    // Afterwards, any link leads to the sign-in page.
    for link in [link, &guess] {
        let answer = other.get(&format!("/first-run?link={link}")).await;
        assert_eq!(answer.header("location"), Some("/sign-in"));
    }
}
