//! Packets and sessions as no client should make them: whatever comes is answered or hung up on, nobody else notices,
//! and nothing stays.
//!
//! `ROOKERY_TEST_MALFORMED=20000` tries as many sessions, `ROOKERY_TEST_SEED` others than always.

mod chance;
mod packets;
mod sessions;

use std::{
    env,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use self::{chance::Chance, sessions::Misbehaving};
use crate::support::{
    Chat, DEADLINE, Held, PollingClient, TestApp, User, eventually, figure, in_time, panics, raw,
};

/// At the same time.
const AT_ONCE: usize = 16;
const SESSIONS: usize = 400;
const SEED: u64 = 4_711;

#[tokio::test]
async fn whatever_is_sent_is_answered_or_hung_up_on_and_nothing_stays() {
    let (sessions, seed) = (number("ROOKERY_TEST_MALFORMED", SESSIONS), number("ROOKERY_TEST_SEED", SEED));
    let app = quick_app().await;
    let panics = panics::counted();
    let mut people = Vec::new();
    for number in 0..8 {
        people.push(app.user(&format!("user{number}")).await);
    }
    let chat = Chat::group(&people.iter().collect::<Vec<_>>()).await;
    let (done, memory) = (AtomicUsize::new(0), AtomicUsize::new(0));
    stream::iter(0..sessions)
        .for_each_concurrent(AT_ONCE, async |number| {
            let chance = Chance::new(seed.wrapping_add(number as u64));
            let token = &people[number % people.len()].access_token;
            let session = Misbehaving { app: &app, chat: &chat, token, chance };
            let said = std::panic::AssertUnwindSafe(session.run());
            if futures_util::FutureExt::catch_unwind(said).await.is_err() {
                panic!("session {number} of seed {seed}");
            }
            if done.fetch_add(1, Ordering::Relaxed) == sessions / 2 {
                memory.store(resident(&app).await, Ordering::Relaxed);
            }
        })
        .await;
    assert_eq!(panics.count(), 0, "something panicked, with seed {seed}");
    serves(&chat, &people[0]).await;
    nothing_stays(&app).await;
    let (half, all) = (memory.into_inner(), resident(&app).await);
    println!("{sessions} sessions; {half} bytes in memory after half of them, {all} after all");
    // Of few sessions, and among other tests, nothing can be said.
    assert!(
        sessions == SESSIONS || all < half + 32 * 1024 * 1024,
        "it grows: {half} bytes after half of the sessions, {all} after all"
    );
}

/// What no library would send.
#[tokio::test]
async fn requests_that_are_none_are_told_so() {
    let app = quick_app().await;
    let panics = panics::counted();
    let (polling, websocket) =
        ("/socket.io/?EIO=4&transport=polling", "/socket.io/?EIO=4&transport=websocket");
    let sid = sid(&app, polling).await;
    let of_session = format!("{polling}&sid={sid}");
    let post = "content-type: text/plain\r\ncontent-length:";
    for (method, path, rest) in [
        ("POST", polling, format!("{post} 1\r\n\r\n4")),
        ("PUT", &of_session, format!("{post} 1\r\n\r\n4")),
        ("DELETE", &of_session, "\r\n".to_owned()),
        ("GET", &format!("{polling}&sid=%00"), "\r\n".to_owned()),
        ("GET", "/socket.io/?EIO=9&transport=polling", "\r\n".to_owned()),
        ("GET", "/socket.io/?transport=polling&EIO", "\r\n".to_owned()),
        ("GET", "/socket.io/", "\r\n".to_owned()),
        ("GET", websocket, "\r\n".to_owned()),
        ("GET", &format!("{websocket}&parser"), "\r\n".to_owned()),
        ("POST", websocket, format!("{post} 0\r\n\r\n")),
        // The last, for it ends the session.
        ("POST", &of_session, format!("{post} 3\r\n\r\nabc")),
        ("GET", &of_session, "\r\n".to_owned()),
    ] {
        let mut connection = app.raw().await;
        connection.write(&format!("{method} {path} HTTP/1.1\r\nhost: x\r\n{rest}")).await;
        let answer = connection.read_answer().await.unwrap_or_default();
        assert!((400..500).contains(&raw::status(&answer)), "{method} {path}: {answer}");
        assert!(!raw::body(&answer)["code"].is_null(), "{method} {path}: {answer}");
    }
    let mut connection = app.raw().await;
    let half = format!(
        "POST {polling}&sid={} HTTP/1.1\r\nhost: x\r\n{post} 4\r\n\r\n",
        self::sid(&app, polling).await
    );
    connection.write_bytes(&[half.as_bytes(), &[b'4', 0xff, 0xfe, b'x']].concat()).await;
    let answer = connection.read_answer().await.unwrap_or_default();
    assert_eq!(raw::status(&answer), 400, "{answer}");
    assert_eq!(panics.count(), 0);
    nothing_stays(&app).await;
}

#[tokio::test]
async fn half_a_character_is_refused_with_the_reason() {
    let app = TestApp::start().await;
    let (chat, ana, _) = Chat::direct(&app).await;
    let client = PollingClient::connect(Held::plain(app.address).await, &ana.access_token).await;
    let payload = chat.payload(&Chat::message("CUT")).to_string();
    // As a page sends it that cuts a text in the middle of an emoji.
    let packet = format!("427[\"sendMessage\",{}]", payload.replace("CUT", "\\ud83e"));
    assert_eq!(client.post(&packet).await.text, "ok");
    let answer = client.poll_until("437[").await;
    let said = answer.split('\u{1e}').find_map(|packet| packet.strip_prefix("437")).unwrap();
    let problem = &serde_json::from_str::<Value>(said).unwrap()[0]["problem"];
    assert_eq!(
        (&problem["code"], &problem["errors"][0]["code"]),
        (&json!("E_INVALID"), &json!("unreadable"))
    );
    let detail = problem["errors"][0]["detail"].as_str().unwrap();
    assert!(detail.starts_with("must be JSON of whole characters: "), "{detail}");
    assert_eq!(chat.events(&ana).await, Vec::<Value>::new());
}

/// A session that hasn't said anything.
async fn sid(app: &TestApp, path: &str) -> String {
    let mut connection = app.raw().await;
    connection.write(&format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")).await;
    let answer = connection.read_answer().await.unwrap();
    answer.split("\"sid\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// One that gives up soon on who says nothing.
async fn quick_app() -> TestApp {
    TestApp::with_terms(|terms| {
        terms.auth_within = Duration::from_secs(1);
        (terms.ping_interval, terms.ping_timeout) = (Duration::from_secs(1), Duration::from_secs(1));
    })
    .await
}

async fn nothing_stays(app: &TestApp) {
    for what in
        ["connections_active", "sessions_active", "waiting_bytes"].map(|what| format!("websocket_{what}"))
    {
        let left = async || figure(&app.anonymous(), &what).await;
        let gone = in_time(DEADLINE, async || (left().await == 0.0).then_some(())).await;
        assert!(gone.is_some(), "{what} stays at {}", left().await);
    }
    eventually(async || (figure(&app.anonymous(), "stream_followers").await == 0.0).then_some(())).await;
}

/// Whoever behaves is served as always.
async fn serves(chat: &Chat, person: &User) {
    let mut socket = person.socket().await;
    chat.join(&socket, None).await;
    let sent = chat.send(person, "still there?").await;
    assert_eq!(socket.next("receiveMessage").await["id"], sent["id"]);
    let problem = socket.call("sendMessage", json!({})).await.unwrap_err();
    assert_eq!(problem["code"], "E_INVALID");
}

async fn resident(app: &TestApp) -> usize {
    figure(&app.anonymous(), "process_resident_memory_bytes").await as usize
}

fn number<N: std::str::FromStr>(name: &str, otherwise: N) -> N {
    env::var(name).ok().and_then(|said| said.parse().ok()).unwrap_or(otherwise)
}
