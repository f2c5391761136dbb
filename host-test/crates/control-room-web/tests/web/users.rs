//! Users and roles: administration, and what administrators cannot do to themselves.

use crate::client::{Answer, Client, ControlRoom, PASSWORD, name};
use control_room::Principal;

const CANARY: &str = "canary of the users";

/// `ada` is an administrator, `bob` is not, and there is the role `bots`.
async fn room_with_roles() -> (ControlRoom, Client) {
    let room = ControlRoom::start().await;
    room.grant("ada", "administrator").await;
    let users = room.store.users();
    users
        .create_role(&Principal::System, &name("bots"))
        .await
        .unwrap();
    let ada = room.signed_in("ada").await;
    (room, ada)
}

async fn create_user(ada: &mut Client, user: &str, password: &str, again: &str) -> Answer {
    ada.get("/users/new").await;
    let fields = [("name", user), ("password", password), ("again", again)];
    let answer = ada.post("/users/new", &fields).await;
    assert!(!answer.body.contains("canary"), "{}", answer.body);
    answer
}

async fn roles(room: &ControlRoom, user: &str) -> Vec<String> {
    let user = room.store.users().get(&name(user)).await.unwrap();
    user.roles.iter().map(ToString::to_string).collect()
}

/// The text of the element with an id.
fn text_of<'a>(answer: &'a Answer, id: &str) -> &'a str {
    let found = answer.body.split_once(&format!("id=\"{id}\""));
    let (_, rest) = found.unwrap_or_else(|| panic!("no #{id}: {}", answer.body));
    let (_, text) = rest.split_once('>').unwrap();
    text.split('<').next().unwrap()
}

#[tokio::test]
async fn a_new_user_can_sign_in() {
    let (room, mut ada) = room_with_roles().await;
    let answer = create_user(&mut ada, " Eve ", CANARY, CANARY).await;
    let place = answer.header("location").unwrap();
    assert_eq!(
        (answer.status, place),
        (303, "/users/user?at=Eve&done=made")
    );
    assert!(ada.get(place).await.body.contains("The user was created"));
    let mut eve = room.client();
    assert_eq!(eve.sign_in("eve", CANARY).await.status, 303);
    assert_eq!(eve.get("/users").await.status, 404);
}

#[tokio::test]
async fn errors_of_a_new_user_are_shown_at_their_fields() {
    let (room, mut ada) = room_with_roles().await;
    let long = "canary ".repeat(40);
    for (user, password, again, expected) in [
        ("a/b", CANARY, CANARY, &[("name", "A name has 1 to 50")][..]),
        ("bob", CANARY, CANARY, &[("name", "A user of this name")]),
        ("eve", CANARY, "another one", &[("again", "do not match")]),
        ("eve", "canary", "canary", &[("password", "at least 12")]),
        ("eve", &long, &long, &[("password", "at most 256")]),
        (
            "BOB",
            "canary",
            "x",
            &[
                ("name", "A user of this name"),
                ("password", "at least 12"),
                ("again", "do not match"),
            ],
        ),
    ] {
        let answer = create_user(&mut ada, user, password, again).await;
        assert_eq!(answer.status, 422, "{user}: {}", answer.body);
        for (field, text) in expected {
            let text_of = text_of(&answer, &format!("{field}-error"));
            assert!(text_of.contains(text), "{field}: {text_of}");
        }
        let errors = answer.body.matches("role=\"alert\"").count();
        assert_eq!(errors, expected.len(), "{}", answer.body);
    }
    assert_eq!(room.store.users().list().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_new_password_ends_the_sessions_of_its_user() {
    let (room, mut ada) = room_with_roles().await;
    let mut bob = room.signed_in("bob").await;
    ada.get("/users/user?at=bob").await;
    let path = "/users/password?at=bob";
    for (fields, id) in [
        ([("password", "canary"), ("again", "canary")], "password"),
        ([("password", CANARY), ("again", "canary")], "again"),
    ] {
        let answer = ada.post(path, &fields).await;
        assert_eq!(answer.status, 422);
        assert!(!answer.body.contains("canary"), "{}", answer.body);
        text_of(&answer, &format!("{id}-error"));
    }
    assert_eq!(bob.get("/bots").await.status, 200);
    let fields = [("password", CANARY), ("again", CANARY)];
    let answer = ada.post(path, &fields).await;
    let place = answer.header("location").unwrap();
    assert_eq!(place, "/users/user?at=bob&done=password");
    assert!(ada.get(place).await.body.contains("The password is set."));
    assert_eq!(bob.get("/bots").await.status, 303);
    assert_eq!(bob.sign_in("bob", PASSWORD).await.status, 401);
    assert_eq!(bob.sign_in("bob", CANARY).await.status, 303);
    // Also one's own sessions.
    ada.get("/users/user?at=ada").await;
    assert_eq!(
        ada.post("/users/password?at=ada", &fields).await.status,
        303
    );
    assert_eq!(ada.get("/users").await.status, 303);
}

#[tokio::test]
async fn users_without_a_password_are_marked_and_can_get_one() {
    let (room, mut ada) = room_with_roles().await;
    room.store
        .users()
        .create(&Principal::System, &name("eve"))
        .await
        .unwrap();
    let hint = "Cannot sign in";
    let list = ada.get("/users").await.body;
    assert_eq!(list.matches(hint).count(), 1, "{list}");
    let shown = ada.get("/users/user?at=eve").await;
    assert!(shown.body.contains("id=\"no-password\""), "{}", shown.body);
    let fields = [("password", PASSWORD), ("again", PASSWORD)];
    ada.post("/users/password?at=eve", &fields).await;
    assert!(!ada.get("/users").await.body.contains(hint));
    room.signed_in("eve").await;
}

#[tokio::test]
async fn role_changes_take_effect_with_the_next_request() {
    let (room, mut ada) = room_with_roles().await;
    let vault = room.store.vault();
    let locker = name("genesys");
    let nothing = Default::default();
    vault.create_locker(&locker, &nothing).await.unwrap();
    vault.allow(&locker, &name("bots")).await.unwrap();
    let mut bob = room.signed_in("bob").await;
    let path = "/credentials/locker?at=genesys";
    ada.get("/users/user?at=bob").await;
    for (fields, locker, users) in [
        (&[("role", "bots")][..], 200, 404),
        (&[("role", "administrator"), ("role", "bots")], 200, 200),
        (&[("role", "administrator")], 200, 200),
        (&[("role", "bots")], 200, 404),
        (&[], 404, 404),
    ] {
        let answer = ada.post("/users/roles-of-user?at=bob", fields).await;
        let place = answer.header("location").unwrap();
        assert_eq!(place, "/users/user?at=bob&done=roles");
        assert_eq!(bob.get(path).await.status, locker, "{fields:?}");
        assert_eq!(bob.get("/users").await.status, users, "{fields:?}");
        let has: Vec<_> = fields.iter().map(|(_, role)| *role).collect();
        assert_eq!(roles(&room, "bob").await, has);
    }
}

#[tokio::test]
async fn assigning_a_removed_role_changes_nothing() {
    let (room, mut ada) = room_with_roles().await;
    room.grant("bob", "reports").await;
    ada.get("/users/user?at=bob").await;
    let fields = [("role", "bots"), ("role", "gone")];
    let answer = ada.post("/users/roles-of-user?at=bob", &fields).await;
    assert_eq!(answer.status, 422);
    let text_of = text_of(&answer, "roles-error");
    assert!(text_of.contains("removed meanwhile"), "{text_of}");
    assert_eq!(roles(&room, "bob").await, ["reports"]);
}

#[tokio::test]
async fn administrators_cannot_remove_their_own_administrator_role() {
    let (room, mut ada) = room_with_roles().await;
    ada.get("/users/user?at=ada").await;
    let path = "/users/roles-of-user?at=ADA";
    let answer = ada.post(path, &[("role", "bots")]).await;
    assert_eq!(answer.status, 422);
    let text_of = text_of(&answer, "roles-error");
    assert!(text_of.contains("from yourself"), "{text_of}");
    // The check boxes are as they were sent.
    assert!(answer.body.contains("value=\"bots\" checked"));
    assert!(!answer.body.contains("value=\"administrator\" checked"));
    assert_eq!(roles(&room, "ada").await, ["administrator"]);
    let both = [("role", "bots"), ("role", "administrator")];
    assert_eq!(ada.post(path, &both).await.status, 303);
    assert_eq!(roles(&room, "ada").await, ["administrator", "bots"]);
}

#[tokio::test]
async fn administrators_cannot_remove_themselves() {
    let (room, mut ada) = room_with_roles().await;
    let shown = ada.get("/users/user?at=ada").await.body;
    assert!(!shown.contains("id=\"remove\""), "{shown}");
    let path = "/users/remove?at=ada";
    for answer in [ada.get(path).await, ada.post(path, &[]).await] {
        assert_eq!(answer.status, 422);
        let text_of = text_of(&answer, "remove-error");
        assert!(text_of.contains("cannot remove yourself"), "{text_of}");
    }
    assert_eq!(room.store.users().list().await.unwrap().len(), 2);
}

#[tokio::test]
async fn the_administrator_role_cannot_be_removed() {
    let (room, mut ada) = room_with_roles().await;
    let shown = ada.get("/users/role?at=administrator").await.body;
    assert!(!shown.contains("id=\"remove\""), "{shown}");
    let path = "/users/remove-role?at=administrator";
    for answer in [ada.get(path).await, ada.post(path, &[]).await] {
        assert_eq!(answer.status, 422);
        let text_of = text_of(&answer, "remove-error");
        assert!(text_of.contains("cannot be removed"), "{text_of}");
    }
    assert_eq!(room.store.users().roles().await.unwrap().len(), 2);
}

/// Two administrators may revoke each other's role concurrently.
#[tokio::test]
async fn there_is_always_one_administrator() {
    let (room, mut ada) = room_with_roles().await;
    room.grant("bob", "administrator").await;
    let mut bob = room.signed_in("bob").await;
    ada.get("/users").await;
    bob.get("/users").await;
    let (one, other) = tokio::join!(
        ada.post("/users/roles-of-user?at=bob", &[]),
        bob.post("/users/remove?at=ada", &[])
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses[0], 303);
    // A removed user is redirected to the sign-in, or gets a 404 if removed during the request.
    assert!(matches!(statuses[1], 303 | 404), "{statuses:?}");
    let users = room.store.users();
    let mut left = 0;
    for user in ["ada", "bob"] {
        left += u8::from(users.is_administrator(&name(user)).await.unwrap());
    }
    assert_eq!(left, 1);
}

#[tokio::test]
async fn removing_a_user_lists_and_removes_their_data() {
    let (room, mut ada) = room_with_roles().await;
    let mut bob = room.signed_in("bob").await;
    for bot in ["One", "Two"] {
        bob.create(bot).await;
    }
    let question = ada.get("/users/remove?at=bob").await.body;
    for text_of in [
        "Remove the user “bob”?",
        "bots (2)",
        "their own values in lockers (0)",
    ] {
        assert!(question.contains(text_of), "{text_of}: {question}");
    }
    let answer = ada.post("/users/remove?at=bob", &[]).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (303, Some("/users"))
    );
    assert_eq!(bob.get("/bots").await.status, 303);
    assert_eq!(bob.sign_in("bob", PASSWORD).await.status, 401);
    for path in [
        "/users/user?at=bob",
        "/users/remove?at=bob",
        "/users/user?at=a/b",
    ] {
        assert_eq!(ada.get(path).await.status, 404, "{path}");
    }
    ada.get("/users").await;
    let fields = [("password", PASSWORD), ("again", PASSWORD)];
    for path in ["password", "roles-of-user", "remove"] {
        let path = format!("/users/{path}?at=bob");
        assert_eq!(ada.post(&path, &fields).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_role_is_created_shown_with_its_access_and_removed() {
    let (room, mut ada) = room_with_roles().await;
    ada.get("/users/roles").await;
    for (typed, error) in [
        ("a/b", "A name has 1 to 50"),
        ("BOTS", "A role of this name"),
    ] {
        let answer = ada.post("/users/roles", &[("name", typed)]).await;
        assert_eq!(answer.status, 422);
        assert!(text_of(&answer, "new-error").contains(error));
        assert!(answer.body.contains(&format!("value=\"{typed}\"")));
    }
    let answer = ada.post("/users/roles", &[("name", "Reports")]).await;
    let place = answer.header("location").unwrap();
    assert_eq!(place, "/users/role?at=Reports");
    assert!(
        ada.get(place)
            .await
            .body
            .contains("does not give access to anything yet")
    );

    room.grant("bob", "reports").await;
    let vault = room.store.vault();
    let locker = name("genesys");
    let nothing = Default::default();
    vault.create_locker(&locker, &nothing).await.unwrap();
    vault.allow(&locker, &name("reports")).await.unwrap();
    let opened = ada.get(place).await.body;
    assert!(
        opened.contains("/credentials/settings?at=genesys"),
        "{opened}"
    );
    let list = ada.get("/users/roles?search=REP").await.body;
    assert!(
        list.contains("genesys") && !list.contains(">bots<"),
        "{list}"
    );
    let users = ada.get("/users?role=reports").await.body;
    assert!(
        users.contains("at=bob") && !users.contains("at=ada"),
        "{users}"
    );

    let question = ada.get("/users/remove-role?at=reports").await.body;
    assert!(
        question.contains("Remove the role “Reports”?"),
        "{question}"
    );
    let answer = ada.post("/users/remove-role?at=reports", &[]).await;
    assert_eq!(answer.header("location"), Some("/users/roles"));
    assert!(roles(&room, "bob").await.is_empty());
    for path in ["/users/role?at=Reports", "/users/remove-role?at=reports"] {
        assert_eq!(ada.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_thousand_users_are_searched_and_paged() {
    let (room, mut ada) = room_with_roles().await;
    let users = room.store.users();
    for number in 0..1000 {
        let user = name(&format!("user-{number:04}"));
        users.create(&Principal::System, &user).await.unwrap();
        users.grant(&user, &name("bots")).await.unwrap();
    }
    for (path, has) in [
        ("/users", "1 to 50 of 1002"),
        ("/users?page=4000000000", "1001 to 1002 of 1002"),
        ("/users?search=R-042", "10 in all"),
        ("/users?role=bots&page=2", "51 to 100 of 1000"),
        ("/users?role=bots&search=ada", "No name contains this"),
    ] {
        let answer = ada.get(path).await;
        assert!(answer.body.contains(has), "{path}: {}", answer.body);
        assert!(answer.body.len() < 100_000, "{path}: {}", answer.body.len());
    }
}
