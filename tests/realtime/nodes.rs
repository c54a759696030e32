//! Several nodes on one database: by the bus at once, by the poll without it.

use serde_json::json;

use crate::support::{Chat, TestApp, eventually};

/// Messages stored through one node reach a reader on the other, all and in order.
async fn twenty_cross(app: &TestApp, other: &TestApp) {
    let (chat, ana, ben) = Chat::direct(app).await;
    let mut reader = ben.on(other).socket().await;
    chat.join(&reader, None).await;
    for n in 1..=20 {
        chat.send(&ana, &n.to_string()).await;
    }
    for seq in 1..=20 {
        assert_eq!(reader.next("receiveMessage").await["seq"], seq);
    }
}

#[tokio::test]
async fn what_one_node_stores_the_others_push() {
    let app = TestApp::start().await;
    let second = TestApp::second_node(&app).await;
    twenty_cross(&app, &second).await;
}

#[tokio::test]
async fn the_bus_wakes_the_other_nodes_long_before_the_poll_would() {
    let app = TestApp::start().await;
    let second = TestApp::second_node(&app).await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let mut reader = ben.on(&second).socket().await;
    chat.join(&reader, None).await;
    // Each round begins when the one before has arrived. By the poll alone, once a second, they would take ten.
    let begun = std::time::Instant::now();
    for n in 1..=10 {
        chat.send(&ana, &n.to_string()).await;
        assert_eq!(reader.next("receiveMessage").await["seq"], n);
    }
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn what_is_not_kept_reaches_the_other_nodes_too() {
    let app = TestApp::start().await;
    let second = TestApp::second_node(&app).await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let (typing, mut reader) = (ana.socket().await, ben.on(&second).socket().await);
    chat.join(&typing, None).await;
    chat.join(&reader, None).await;
    let payload = json!({ "conversationId": chat.id, "isTyping": true });
    typing.call("typing", payload).await.unwrap();
    assert_eq!(reader.next("typing").await["userId"], json!(ana.id));
}

#[tokio::test]
async fn without_a_common_bus_the_poll_finds_what_others_stored() {
    let app = TestApp::start().await;
    let apart = TestApp::node_apart(&app).await;
    twenty_cross(&app, &apart).await;
}

#[tokio::test]
async fn a_session_ended_on_one_node_is_over_on_the_others_within_seconds() {
    let app = TestApp::start().await;
    let second = TestApp::second_node(&app).await;
    let ana = app.user("ana").await;
    let there = ana.on(&second);
    there.get("/users/me").await.expect(200);
    ana.delete("/auth/sessions").await.expect(204);
    eventually(async || (there.get("/users/me").await.status == 401).then_some(())).await;
    there.get("/users/me").await.problem("E_SESSION_ENDED", 401);
}
