//! Whoever blocks somebody is pushed, in the place of what they write, that something is hidden.

use std::time::{Duration, Instant};

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
    cleo: User,
    chat: Chat,
}

impl People {
    async fn of(app: &TestApp) -> Self {
        let [ana, ben, cleo] = [app.user("ana").await, app.user("ben").await, app.user("cleo").await];
        let chat = Chat::group(&[&ana, &ben, &cleo]).await;
        Self { ana, ben, cleo, chat }
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
    let People { ana, ben, chat, .. } = &people;
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
    let People { ana, ben, chat, .. } = &people;
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
    let People { ana, ben, chat, .. } = &people;
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
    let People { ana, ben, chat, .. } = &people;
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

#[tokio::test]
async fn a_block_is_heard_by_the_other_nodes_long_before_they_would_look() {
    let app = TestApp::start().await;
    let second = TestApp::second_node(&app).await;
    let people = People::of(&app).await;
    let People { ana, ben, chat, .. } = &people;
    let mut far = people.joined(&second, ana).await;
    // By the database alone, looked at once a second, six would take four seconds at least.
    let begun = Instant::now();
    for _ in 0..3 {
        block(ana, ben).await;
        eventually(async || (hears(chat, ben, &mut far).await == "hidden").then_some(())).await;
        unblock(ana, ben).await;
        eventually(async || (hears(chat, ben, &mut far).await == "receiveMessage").then_some(())).await;
    }
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn what_the_blocked_do_to_messages_is_hidden_and_so_is_what_is_done_to_theirs() {
    let app = TestApp::start().await;
    let people = People::of(&app).await;
    let People { ana, ben, cleo, chat } = &people;
    let [of_ben, of_cleo] = [chat.send(ben, "mine").await, chat.send(cleo, "mine").await];
    block(ana, ben).await;
    let (mut to_ana, mut to_cleo) = (people.joined(&app, ana).await, people.joined(&app, cleo).await);
    let thumb = async |by: &User, of: &Value| {
        by.put(&format!("{}/reactions/%F0%9F%91%8D", chat.path_of(of)), json!({})).await.expect(200);
    };
    thumb(ben, &of_cleo).await;
    thumb(cleo, &of_ben).await;
    thumb(cleo, &of_cleo).await;
    for seq in [3, 4] {
        assert_eq!(to_ana.next("hidden").await, json!({ "conversationId": chat.id, "seq": seq }));
        assert_eq!(to_cleo.next("reactionChanged").await["seq"], seq);
    }
    let shown = to_ana.next("reactionChanged").await;
    assert_eq!(shown["seq"], 5);
    assert_eq!(shown["reactions"], json!({ "👍": 2 }), "numbers are the same for everybody");
    let kinds: Vec<_> = chat.events(ana).await.iter().map(|event| event["kind"].clone()).collect();
    assert_eq!(kinds, ["hidden", "message", "hidden", "hidden", "reactionChanged"], "what is read agrees");
}

#[tokio::test]
async fn what_the_blocked_said_is_not_quoted_either() {
    let app = TestApp::start().await;
    let second = TestApp::second_node(&app).await;
    let people = People::of(&app).await;
    let People { ana, ben, cleo, chat } = &people;
    block(ana, ben).await;
    let mut here = people.joined(&app, ana).await;
    let mut there = people.joined(&second, ana).await;
    let mut of_ben = people.joined(&app, ben).await;
    let said = chat.send(ben, "a secret").await;
    let mut message = Chat::message("is it?");
    message["replyTo"] = said["id"].clone();
    let reply = cleo.post(&chat.path("messages"), message).await.expect(201).body;
    assert_eq!(reply["replied"]["content"], "a secret");
    let mut bare = reply.clone();
    bare["replied"] = Value::Null;
    assert_eq!(here.next("receiveMessage").await, bare);
    assert_eq!(there.next("receiveMessage").await, bare);
    of_ben.next("receiveMessage").await;
    assert_eq!(of_ben.next("receiveMessage").await, reply);
    cleo.patch(&chat.path_of(&reply), json!({ "content": "is it not?" })).await.expect(200);
    let edited = here.next("messageEdited").await["message"].clone();
    assert_eq!((&edited["replyTo"], &edited["replied"]), (&said["id"], &Value::Null));
    assert_eq!(of_ben.next("messageEdited").await["message"]["replied"]["content"], "a secret");
    assert_eq!(chat.events(ana).await[1]["message"], edited);
    assert_eq!(ana.get(&chat.path("messages")).await.expect(200).items()[0], edited);
    assert_eq!(ana.get(&chat.path_of(&reply)).await.expect(200).body, edited);
}

#[tokio::test]
async fn that_the_blocked_type_or_read_is_told_to_others_only() {
    let app = TestApp::start().await;
    let second = TestApp::second_node(&app).await;
    let people = People::of(&app).await;
    let People { ana, ben, cleo, chat } = &people;
    chat.send(ana, "a word").await;
    block(ana, ben).await;
    let (of_ben, mut of_cleo) = (people.joined(&app, ben).await, people.joined(&app, cleo).await);
    let (here, there) = (people.joined(&app, ana).await, people.joined(&second, ana).await);
    let typing = json!({ "conversationId": chat.id, "isTyping": true });
    let read = json!({ "conversationId": chat.id, "seq": 1 });
    of_ben.call("typing", typing.clone()).await.unwrap();
    of_ben.call("markRead", read.clone()).await.unwrap();
    assert_eq!(of_cleo.next("typing").await["userId"], ben.id.as_str());
    assert_eq!(of_cleo.next("readMarked").await["userId"], ben.id.as_str());
    of_cleo.call("typing", typing).await.unwrap();
    of_cleo.call("markRead", read).await.unwrap();
    for mut socket in [here, there] {
        assert_eq!(socket.next("typing").await["userId"], cleo.id.as_str(), "the first that is heard");
        assert_eq!(socket.next("readMarked").await["userId"], cleo.id.as_str());
    }
}
