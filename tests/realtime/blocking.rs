//! Whoever blocks somebody is pushed, in the place of what they write, that something is hidden.

use serde_json::{Value, json};

use crate::support::{Chat, SocketClient, TestApp, User, eventually};

async fn block(blocker: &User, blocked: &User) {
    blocker.put(&format!("/users/{}/block", blocked.id), json!({})).await.expect(204);
}

async fn unblock(blocker: &User, blocked: &User) {
    blocker.delete(&format!("/users/{}/block", blocked.id)).await.expect(204);
}

/// A message of Ben's, and the event that this socket gets of it: `receiveMessage` or `hidden`.
async fn hears(chat: &Chat, ben: &User, socket: &mut SocketClient) -> String {
    let sent = chat.send(ben, "a word").await;
    let (name, payload) =
        eventually(async || socket.events().into_iter().find(|(_, payload)| payload["seq"] == sent["seq"]))
            .await;
    if name == "hidden" {
        let all_of_it = json!({ "conversationId": chat.id, "seq": sent["seq"] });
        assert_eq!(payload, all_of_it);
    }
    name
}

struct People {
    ana: User,
    ben: User,
    chat: Chat,
}

impl People {
    async fn of(app: &TestApp) -> Self {
        let [ana, ben, cleo] = [app.user("ana").await, app.user("ben").await, app.user("cleo").await];
        let chat = Chat::group(&[&ana, &ben, &cleo]).await;
        Self { ana, ben, chat }
    }

    async fn joined(&self, app: &TestApp, person: &User) -> SocketClient {
        let socket = person.on(app).socket().await;
        self.chat.join(&socket, None).await;
        socket
    }
}

#[tokio::test]
async fn from_the_answer_on_the_blocked_are_hidden_from_every_socket_of_the_blocker() {
    let app = TestApp::start().await;
    let people = People::of(&app).await;
    let People { ana, ben, chat } = &people;
    let (mut phone, mut desk) = (people.joined(&app, ana).await, people.joined(&app, ana).await);
    let mut own = people.joined(&app, ben).await;
    assert_eq!(hears(chat, ben, &mut phone).await, "receiveMessage");
    block(ana, ben).await;
    for socket in [&mut phone, &mut desk] {
        assert_eq!(hears(chat, ben, socket).await, "hidden");
    }
    assert_eq!(hears(chat, ben, &mut own).await, "receiveMessage", "they can't tell");
    assert_eq!(hears(chat, ana, &mut phone).await, "receiveMessage");
    unblock(ana, ben).await;
    assert_eq!(hears(chat, ben, &mut desk).await, "receiveMessage");
}

#[tokio::test]
async fn whoever_joins_knows_whom_they_have_blocked() {
    let app = TestApp::start().await;
    let people = People::of(&app).await;
    let People { ana, ben, chat } = &people;
    block(ana, ben).await;
    chat.send(ben, "before").await;
    let mut socket = ana.socket().await;
    let page = chat.join(&socket, Some(0)).await;
    assert_eq!(page["events"][0]["kind"], "hidden");
    assert_eq!(hears(chat, ben, &mut socket).await, "hidden");
}

#[tokio::test]
async fn a_block_reaches_the_other_nodes_by_the_database() {
    let app = TestApp::start().await;
    let apart = TestApp::node_apart(&app).await;
    let people = People::of(&app).await;
    let People { ana, ben, chat } = &people;
    let mut far = people.joined(&apart, ana).await;
    assert_eq!(hears(chat, ben, &mut far).await, "receiveMessage");
    block(ana, ben).await;
    eventually(async || (hears(chat, ben, &mut far).await == "hidden").then_some(())).await;
    unblock(ana, ben).await;
    eventually(async || (hears(chat, ben, &mut far).await == "receiveMessage").then_some(())).await;
}

#[tokio::test]
async fn nobody_meets_a_gap() {
    let app = TestApp::start().await;
    let people = People::of(&app).await;
    let People { ana, ben, chat } = &people;
    let mut socket = people.joined(&app, ana).await;
    block(ana, ben).await;
    for n in 0..10 {
        chat.send(if n % 3 == 0 { ana } else { ben }, "a word").await;
    }
    let mut heard: Vec<Value> = Vec::new();
    eventually(async || {
        let here = socket.events().into_iter().filter(|(_, payload)| payload["conversationId"] == chat.id);
        heard.extend(here.filter_map(|(_, payload)| payload.get("seq").cloned()));
        (heard.len() == 10).then_some(())
    })
    .await;
    assert_eq!(heard, (1..=10).map(|seq| json!(seq)).collect::<Vec<_>>());
}
