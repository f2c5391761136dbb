//! A Control Room with two designers, and clients of it.

use control_room::Name;
use control_room::Principal;
use control_room_web::Engine;
use egress::{AllowList, Options};

pub(crate) use crate::http_client::{Answer, Client};
pub(crate) use crate::room::{ControlRoom, PASSWORD, engine};

pub(crate) fn name(text: &str) -> Name {
    text.parse().unwrap()
}

impl ControlRoom {
    /// A Control Room without users.
    pub(crate) async fn empty() -> Self {
        Self::beside(None).await
    }

    /// A Control Room with the users `ada` and `bob`.
    pub(crate) async fn start() -> Self {
        Self::start_with(engine(Options::new(AllowList::default()))).await
    }

    pub(crate) async fn start_with(engine: Engine) -> Self {
        let nowhere = Options::new(AllowList::default());
        let room = Self::serve(engine, nowhere, None).await;
        for user in ["ada", "bob"] {
            room.create_user(user).await;
        }
        room
    }

    /// Grants a role to a user, and creates it if needed.
    pub(crate) async fn grant(&self, user: &str, role: &str) {
        let users = self.store.users();
        let _ = users.create_role(&Principal::System, &name(role)).await;
        users.grant(&name(user), &name(role)).await.unwrap();
    }

    /// The name of the session cookie.
    pub(crate) fn cookie(&self) -> String {
        format!("control-room-{}", self.pages.address().port())
    }

    pub(crate) fn client(&self) -> Client {
        Client::at(self.pages.address())
    }

    pub(crate) async fn signed_in(&self, user: &str) -> Client {
        let mut client = self.client();
        let answer = client.sign_in(user, PASSWORD).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        client.get("/bots").await;
        client
    }
}
