//! A small world, for tests that need some of everything.

use serde_json::Value;

use super::{Chat, TestApp, User};

/// Ana and Cleo talk in a group, and Ana has written a post. Ben has no part in any of it.
pub struct World {
    pub ana: User,
    pub ben: User,
    pub cleo: User,
    /// Ana's.
    pub post: String,
    /// Ana's only one.
    pub session: String,
    /// Ana's group; Cleo has answered her.
    pub chat: Chat,
    /// What Ana said there.
    pub message: String,
}

impl World {
    pub async fn of(app: &TestApp) -> Self {
        let (ana, ben, cleo) = (app.user("ana").await, app.user("ben").await, app.user("cleo").await);
        let post = ana.write("Is there still soup?").await;
        let session = ana.get("/auth/sessions").await.expect(200).each("id").remove(0);
        let chat = Chat::group(&[&ana, &cleo]).await;
        let message = chat.send(&ana, "between us").await;
        chat.send(&cleo, "of course").await;
        Self { ana, ben, cleo, post, session, chat, message: text(&message, "id") }
    }
}

fn text(of: &Value, member: &str) -> String {
    of[member].as_str().expect("it is a text").to_owned()
}
