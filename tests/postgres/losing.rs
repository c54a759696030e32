//! The database goes away in the middle of something.

use futures_util::{StreamExt, stream::FuturesUnordered};
use serde_json::json;

use crate::support::{Answer, Client, Held, PollingClient, SocketClient, TestApp, eventually};

/// Asks again, as a client should, for as long as it is told to come back later.
async fn insisting(client: &Client, content: &str) -> Answer {
    eventually(async || {
        let answer = client.post("/posts", json!({ "content": content })).await;
        if answer.status == 201 {
            return Some(answer);
        }
        let told = answer.problem("E_OVERLOADED", 503);
        assert_eq!(told.header("retry-after"), Some("1"));
        None
    })
    .await
}

#[tokio::test]
async fn what_is_posted_while_connections_are_cut_is_stored_once() {
    let app = TestApp::with_proxied_database(|_| {}).await;
    let ana = app.user("ana").await;
    let write = async |n: usize| {
        let client = ana.with("idempotency-key", &format!("key-{n}"));
        insisting(&client, &format!("post {n}")).await.text("id")
    };
    let mut writers: FuturesUnordered<_> = (0..40).map(write).collect();
    let mut ids = Vec::new();
    // Whenever one is done, in the middle of what the others do.
    while let Some(id) = writers.next().await {
        app.network().cut();
        ids.push(id);
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 40, "every writer was told of a post of their own");
    assert_eq!(app.database.number("SELECT count(*) FROM posts").await, 40);
}

#[tokio::test]
async fn an_answer_that_was_lost_is_given_again() {
    let app = TestApp::with_proxied_database(|settings| {
        settings.set("REQUEST_TIMEOUT_SECS", 2);
    })
    .await;
    let ana = app.user("ana").await.with("idempotency-key", "one");
    // The statements arrive, and what came of them doesn't.
    app.network().stall_answers();
    ana.post("/posts", json!({ "content": "hello" })).await.problem("E_UNAVAILABLE", 503);
    app.network().cut();
    app.network().heal();
    let first = insisting(&ana, "hello").await;
    assert_eq!(insisting(&ana, "hello").await.body, first.body);
    assert_eq!(app.database.number("SELECT count(*) FROM posts").await, 1);
}

#[tokio::test]
async fn a_database_that_refuses_is_told_and_comes_back() {
    let app = TestApp::with_proxied_database(|_| {}).await;
    let ana = app.user("ana").await;
    app.network().refuse();
    app.network().cut();
    let refused = ana.post("/posts", json!({ "content": "hello" })).await.problem("E_OVERLOADED", 503);
    assert_eq!(refused.header("retry-after"), Some("1"));
    app.anonymous().get("//health/ready").await.expect(503);
    app.anonymous().get("//health/live").await.expect(200);
    app.network().heal();
    insisting(&ana, "hello").await;
    // One that was used a moment ago isn't asked whether it is alive, and may turn out dead only now.
    eventually(async || (app.anonymous().get("//health/ready").await.status == 200).then_some(())).await;
}

/// Official clients come again by themselves when their connection has ended, and never when they were refused.
#[tokio::test]
async fn a_handshake_that_nobody_can_judge_ends_with_its_connection() {
    let app = TestApp::with_proxied_database(|_| {}).await;
    let ana = app.user("ana").await;
    app.network().refuse();
    app.network().cut();
    app.let_memories_fade();
    let refused = SocketClient::connect(app.address, Some(&ana.access_token)).await.err().unwrap();
    assert!(refused.starts_with("no answer but"), "{refused}");
    let polling = PollingClient::open(Held::plain(app.address).await).await;
    assert_eq!(polling.post(&format!("40{}", json!({ "token": ana.access_token }))).await.status, 200);
    let told = polling.poll().await;
    assert_ne!(told.status, 200, "{}", told.text);
    app.network().heal();
    eventually(async || SocketClient::connect(app.address, Some(&ana.access_token)).await.ok()).await;
}
