//! The database is there, and says nothing.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{Chat, Proxy, TestApp, eventually, in_parallel};

/// The deadline of a request in these tests, in seconds.
const DEADLINE: u64 = 2;

async fn start() -> (TestApp, Proxy) {
    TestApp::with_proxied_database(|settings| {
        settings.set("REQUEST_TIMEOUT_SECS", DEADLINE);
    })
    .await
}

/// Waits until it says by itself that it can be used again.
async fn is_ready(app: &TestApp) {
    eventually(async || (app.anonymous().get("//health/ready").await.status == 200).then_some(())).await;
}

#[tokio::test]
async fn everybody_is_answered_in_time_and_it_comes_back_by_itself() {
    let (app, proxy) = start().await;
    let ana = app.user("ana").await;
    proxy.stall();
    let begun = Instant::now();
    let answers = in_parallel(12, |_| {
        let ana = ana.clone();
        async move { ana.post("/posts", json!({ "content": "hello" })).await }
    })
    .await;
    assert!(begun.elapsed() < Duration::from_secs(2 * DEADLINE), "{:?}", begun.elapsed());
    for answer in answers {
        assert!(answer.problem("E_UNAVAILABLE", 503).header("retry-after").is_some());
    }
    app.anonymous().get("//health/ready").await.expect(503);
    app.anonymous().get("//health/live").await.expect(200);
    proxy.heal();
    is_ready(&app).await;
    ana.write("hello again").await;
}

/// Nobody ever says that these connections are dead: a firewall has forgotten them.
#[tokio::test]
async fn connections_that_are_lost_without_a_word_are_given_up() {
    let (app, proxy) = start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let mut reader = ben.socket().await;
    chat.join(&reader, None).await;
    // More at once than the pool has connections.
    let burst = async || {
        let send = |_| {
            let (ana, path) = (ana.clone(), chat.path("messages"));
            async move { ana.post(&path, Chat::message("hello?")).await }
        };
        in_parallel(12, send).await
    };
    burst().await;
    proxy.carries(6).await;
    proxy.lose_open();
    burst().await;
    is_ready(&app).await;
    let sent = eventually(async || {
        let answer = ana.post(&chat.path("messages"), Chat::message("hello")).await;
        (answer.status == 201).then_some(answer)
    })
    .await;
    while reader.next("receiveMessage").await["content"] != "hello" {}
    assert_eq!(chat.events(&ben).await.last().unwrap()["seq"], sent.body["seq"]);
}
