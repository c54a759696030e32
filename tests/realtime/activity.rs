//! Sockets hear which of their user's conversations go on that they haven't joined.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{Chat, SocketClient, TestApp, User};

/// Waits until this socket hears that the conversation has come so far.
async fn hears(socket: &mut SocketClient, chat: &Chat, head_seq: i64) {
    loop {
        let heard = socket.next("activity").await;
        if heard["conversationId"] == chat.id && heard["headSeq"] == head_seq {
            return;
        }
    }
}

/// The same, and of no other conversation.
async fn hears_only(socket: &mut SocketClient, chat: &Chat, head_seq: i64) {
    loop {
        let heard = socket.next("activity").await;
        assert_eq!(heard["conversationId"], chat.id.as_str(), "{heard}");
        if heard["headSeq"] == head_seq {
            return;
        }
    }
}

async fn everybody(app: &TestApp) -> [User; 3] {
    [app.user("ana").await, app.user("ben").await, app.user("cleo").await]
}

#[tokio::test]
async fn whoever_has_not_joined_hears_it_on_every_node() {
    let app = TestApp::start().await;
    let second = TestApp::second_node(&app).await;
    let [ana, ben, cleo] = everybody(&app).await;
    let chat = Chat::group(&[&ana, &ben, &cleo]).await;
    let (mut here, mut there) = (ben.socket().await, cleo.on(&second).socket().await);
    let mut own = ana.socket().await;
    chat.send(&ana, "one").await;
    for socket in [&mut here, &mut there, &mut own] {
        assert_eq!(socket.next("activity").await, json!({ "conversationId": chat.id, "headSeq": 1 }));
    }
    ben.on(&second).post(&chat.path("messages"), Chat::message("two")).await.expect(201);
    for socket in [&mut here, &mut there, &mut own] {
        hears(socket, &chat, 2).await;
    }
}

#[tokio::test]
async fn without_a_common_bus_the_database_tells() {
    let app = TestApp::start().await;
    let apart = TestApp::node_apart(&app).await;
    let [ana, ben, cleo] = everybody(&app).await;
    let chat = Chat::group(&[&ana, &ben, &cleo]).await;
    let mut there = cleo.on(&apart).socket().await;
    chat.send(&ana, "one").await;
    hears(&mut there, &chat, 1).await;
}

#[tokio::test]
async fn it_is_said_once_a_second_at_most_whatever_happens_there() {
    let app = TestApp::start().await;
    let apart = TestApp::node_apart(&app).await;
    let [ana, ben, cleo] = everybody(&app).await;
    let chat = Chat::group(&[&ana, &ben, &cleo]).await;
    let (mut here, mut there) = (ben.socket().await, cleo.on(&apart).socket().await);
    let begun = Instant::now();
    let mut sent = 0;
    while begun.elapsed() < Duration::from_millis(2500) {
        chat.send(&ana, "a word").await;
        sent += 1;
    }
    // Something else that both will hear after all of it.
    let other = Chat::group(&[&ana, &ben, &cleo]).await;
    let mut said = Vec::new();
    for socket in [&mut here, &mut there] {
        let mut of_chat: Vec<i64> = Vec::new();
        let mut last = 0;
        while last < sent {
            let event = socket.next("activity").await;
            last = event["headSeq"].as_i64().unwrap();
            of_chat.push(last);
        }
        let most = begun.elapsed().as_secs() as usize + 1;
        assert!(of_chat.len() <= most, "{of_chat:?} in {:?}", begun.elapsed());
        assert!(of_chat.is_sorted_by(|one, next| one < next), "no number twice: {of_chat:?}");
        said.push(of_chat.len());
    }
    assert!(sent > 10 && said.iter().all(|times| *times >= 1), "{sent} messages, told {said:?} times");
    // The feed finds what was told already: the next word is about something else.
    other.send(&ana, "a word").await;
    for socket in [&mut here, &mut there] {
        hears_only(socket, &other, 1).await;
    }
}

#[tokio::test]
async fn who_has_joined_muted_or_left_it_hears_nothing() {
    let app = TestApp::start().await;
    let [ana, ben, cleo] = everybody(&app).await;
    let dora = app.user("dora").await;
    let (chat, other) =
        (Chat::group(&[&ana, &ben, &cleo, &dora]).await, Chat::group(&[&ana, &ben, &cleo, &dora]).await);
    let (mut joined, mut muted, mut removed) = (ana.socket().await, ben.socket().await, dora.socket().await);
    let mut witness = cleo.socket().await;
    chat.join(&joined, None).await;
    ben.put(&chat.path("mute"), json!({ "until": "9999-12-31T23:59:59.999Z" })).await.expect(204);
    ana.delete(&chat.path(&format!("members/{}", dora.id))).await.expect(204);
    chat.send(&ana, "one").await;
    hears(&mut witness, &chat, 2).await;
    other.send(&ana, "one").await;
    for socket in [&mut joined, &mut muted, &mut removed] {
        hears_only(socket, &other, 1).await;
    }
    chat.send(&ana, "two").await;
    hears(&mut witness, &chat, 3).await;
    other.send(&ana, "two").await;
    for socket in [&mut joined, &mut muted, &mut removed] {
        hears_only(socket, &other, 2).await;
    }
}

#[tokio::test]
async fn a_mute_ends_and_so_does_having_joined() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let mut socket = ben.socket().await;
    ben.put(&chat.path("mute"), json!({ "until": "9999-12-31T23:59:59.999Z" })).await.expect(204);
    ben.delete(&chat.path("mute")).await.expect(204);
    chat.send(&ana, "one").await;
    hears(&mut socket, &chat, 1).await;
    chat.join(&socket, None).await;
    socket.call("leaveConversation", json!({ "conversationId": chat.id })).await.unwrap();
    chat.send(&ana, "two").await;
    hears(&mut socket, &chat, 2).await;
}
