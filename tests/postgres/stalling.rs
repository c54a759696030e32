//! The database is there, and says nothing.

use std::time::{Duration, Instant};

use sea_orm::sqlx::{Connection, PgConnection, postgres::PgConnectOptions, raw_sql};
use serde_json::json;

use crate::support::{Chat, TestApp, eventually, figure, in_parallel, seqs};

/// The deadline of a request in these tests, in seconds.
const DEADLINE: u64 = 2;

async fn start() -> TestApp {
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
    let app = start().await;
    let ana = app.user("ana").await;
    app.network().stall();
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
    app.network().heal();
    is_ready(&app).await;
    ana.write("hello again").await;
}

/// Nobody ever says that these connections are dead: a firewall has forgotten them.
#[tokio::test]
async fn connections_that_are_lost_without_a_word_are_given_up() {
    let app = start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let nothing_held = async || {
        eventually(async || (app.inside.db.held() == 0).then_some(())).await;
    };
    nothing_held().await;
    // More than there are connections; the statements arrive, and what came of them doesn't.
    app.network().stall_answers();
    let answers = in_parallel(12, |_| {
        let (ana, path) = (ana.clone(), chat.path("messages"));
        async move { ana.post(&path, Chat::message("lost")).await }
    })
    .await;
    assert!(answers.iter().all(|answer| answer.status == 503));
    app.network().lose_open();
    app.network().heal();
    is_ready(&app).await;
    nothing_held().await;
    let group = Chat::group(&[&ana, &ben]).await;
    let mut reader = ben.socket().await;
    group.join(&reader, None).await;
    group.send(&ana, "hello").await;
    assert_eq!(reader.next("receiveMessage").await["content"], "hello");
}

/// A statement waits for another's lock, as behind a migration.
#[tokio::test]
async fn an_event_that_takes_too_long_is_answered_and_its_socket_goes_on() {
    let app = start().await;
    let (chat, _, ben) = Chat::direct(&app).await;
    let mut socket = ben.socket().await;
    let options: PgConnectOptions = app.database.url().parse().unwrap();
    let mut other = PgConnection::connect_with(&options.extra_float_digits(None)).await.unwrap();
    raw_sql("BEGIN; LOCK TABLE stream_events").execute(&mut other).await.unwrap();
    let join = json!({ "conversationId": chat.id, "after": 0 });
    let send = chat.payload(&Chat::message("hello"));
    for (event, payload) in [("joinConversation", join), ("sendMessage", send.clone())] {
        let problem = socket.call(event, payload).await.expect_err("it waits in vain");
        assert_eq!(problem["code"], "E_UNAVAILABLE", "{problem}");
    }
    // Half joined is not joined.
    eventually(async || (figure(&app.anonymous(), "stream_followers").await == 0.0).then_some(())).await;
    let typing = socket.call("typing", json!({ "conversationId": chat.id, "isTyping": true })).await;
    assert_eq!(typing.expect_err("it hasn't joined")["code"], "E_NOT_FOUND");
    other.close().await.unwrap();

    chat.join(&socket, None).await;
    let sent = socket.call("sendMessage", send).await.expect("it asks again with the same id");
    assert_eq!(sent["message"]["seq"], 1);
    assert_eq!(seqs(&chat.events(&ben).await), [1]);
    chat.send(&ben, "once more").await;
    while socket.next("receiveMessage").await["seq"] != 2 {}
}

/// Whom another node has removed meanwhile isn't known then, and what isn't kept isn't read anew.
#[tokio::test]
async fn a_node_that_has_heard_nothing_for_long_passes_on_nothing_that_is_not_kept() {
    let app = start().await;
    let url = app.database.url();
    let other = TestApp::second_node_with(&app, |settings| {
        settings.set("DATABASE_URL", url);
    })
    .await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let (mut reader, typist) = (ben.socket().await, ana.on(&other).socket().await);
    chat.join(&reader, None).await;
    chat.join(&typist, None).await;
    let types = |is_typing: bool| json!({ "conversationId": chat.id, "isTyping": is_typing });
    // Whether he may do anything is remembered for as long as it is known to be so.
    let knows = async || reader.call("typing", types(false)).await.is_ok();
    eventually(async || knows().await.then_some(())).await;
    app.network().stall();
    // For five seconds what it has read is good.
    let stalled = Instant::now();
    let outdated = async || !knows().await && stalled.elapsed() > Duration::from_secs(6);
    eventually(async || outdated().await.then_some(())).await;
    let heard = async || figure(&app.anonymous(), "bus_heard_total").await;
    let before = heard().await;
    typist.call("typing", types(true)).await.unwrap();
    // The others say that they are there, too.
    eventually(async || (heard().await > before + 2.0).then_some(())).await;
    app.network().heal();
    let (there, mut seq) = (ana.on(&other), 0);
    let mut reads = async || {
        chat.send(&there, "hello").await;
        seq += 1;
        typist.call("markRead", json!({ "conversationId": chat.id, "seq": seq })).await.unwrap();
    };
    let heard = eventually(async || {
        reads().await;
        let heard: Vec<String> = reader.events().into_iter().map(|(name, _)| name).collect();
        heard.contains(&"readMarked".to_owned()).then_some(heard)
    })
    .await;
    assert!(
        !heard.contains(&"typing".to_owned()),
        "it was passed on, to whom it might concern no more: {heard:?}"
    );
}
