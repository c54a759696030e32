//! Several nodes on one database: by the bus at once, by the poll without it.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{Chat, Closed, TestApp, eventually};

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
    let begun = Instant::now();
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
async fn a_session_ended_on_one_node_is_over_on_the_others_long_before_they_would_look() {
    let app = TestApp::start().await;
    let second = TestApp::second_node(&app).await;
    app.user("ana").await;
    // By the database alone, looked at once a second, six would take four seconds at least.
    let mut waited = Duration::ZERO;
    for _ in 0..6 {
        let ana = app.sign_in("ana").await;
        let there = ana.on(&second);
        let mut socket = there.socket().await;
        there.get("/users/me").await.expect(200);
        let begun = Instant::now();
        ana.post("/auth/logout", json!({ "refreshToken": ana.refresh_token })).await.expect(204);
        assert_eq!(socket.next("revoked").await, json!({ "reason": "loggedOut" }));
        waited += begun.elapsed();
        assert_eq!(socket.closed().await, Closed::Namespace);
        there.get("/users/me").await.problem("E_SESSION_ENDED", 401);
    }
    assert!(waited < Duration::from_secs(2), "{waited:?}");
}

#[tokio::test]
async fn a_demotion_on_one_node_takes_effect_on_the_others_at_once() {
    let app = TestApp::start().await;
    let second = TestApp::second_node(&app).await;
    let (root, other) = (app.admin("root").await, app.admin("other").await);
    let there = other.on(&second);
    there.get("/admin/audit").await.expect(200);
    root.patch(&format!("/admin/users/{}", other.id), json!({ "role": "user" })).await.expect(200);
    eventually(async || (there.get("/admin/audit").await.status == 403).then_some(())).await;
    there.get("/users/me").await.expect(200);
}

#[tokio::test]
async fn without_a_common_bus_a_session_is_over_on_the_others_within_seconds() {
    let app = TestApp::start().await;
    let second = TestApp::node_apart(&app).await;
    let ana = app.user("ana").await;
    let there = ana.on(&second);
    there.get("/users/me").await.expect(200);
    ana.delete("/auth/sessions").await.expect(204);
    eventually(async || (there.get("/users/me").await.status == 401).then_some(())).await;
    there.get("/users/me").await.problem("E_SESSION_ENDED", 401);
}
