//! The change feed on PostgreSQL, where transactions end in any order, and where the database may be away.

use std::time::{Duration, Instant};

use sea_orm::sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions, raw_sql};
use serde_json::json;
use uuid::Uuid;

use crate::support::{Chat, Settings, TestApp, User, eventually, figure};

/// A transaction past the app, in which a message has been stored that nobody can see yet.
struct Held(PgConnection);

impl Held {
    async fn holding(app: &TestApp, chat: &Chat, sender: &User) -> Self {
        let options: PgConnectOptions = app.database.url().parse().unwrap();
        let mut connection = PgConnection::connect_with(&options.extra_float_digits(None)).await.unwrap();
        let (stream, message, sender) = (&chat.id, Uuid::new_v4(), &sender.id);
        let sql = format!(
            "BEGIN; UPDATE streams SET last_seq = last_seq + 1 WHERE id = '{stream}'; \
             INSERT INTO messages (conversation_id, message_id, seq, sender_id, type, content, fingerprint, created_at) \
             SELECT id, '{message}', last_seq, '{sender}', 'text', 'late', decode(repeat('00', 32), 'hex'), now() \
             FROM streams WHERE id = '{stream}'; \
             INSERT INTO stream_events (stream_id, seq, kind, subject_id, actor_id, at) \
             SELECT id, last_seq, 'message', '{message}', '{sender}', now() FROM streams WHERE id = '{stream}'"
        );
        raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        Self(connection)
    }

    async fn commit(mut self) {
        raw_sql("COMMIT").execute(&mut self.0).await.unwrap();
        self.0.close().await.unwrap();
    }
}

/// Waits until the feed has read so many events. It never reads more, for it reads each once.
async fn has_read(app: &TestApp, count: i64) {
    let read = async || figure(&app.anonymous(), "change_feed_events_total").await as i64;
    eventually(async || (read().await >= count).then_some(())).await;
    assert_eq!(read().await, count);
}

#[tokio::test]
async fn whatever_the_order_in_which_transactions_end_every_event_is_read_once() {
    let app = TestApp::start().await;
    // What is stored before its first look isn't news to it.
    eventually(async || (figure(&app.anonymous(), "change_feed_looks_total").await > 0.0).then_some(()))
        .await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let (one, two, three) = (
        Chat::group(&[&ana, &ben]).await,
        Chat::group(&[&ana, &ben]).await,
        Chat::group(&[&ana, &ben]).await,
    );
    let mut reader = ben.socket().await;
    for chat in [&one, &two] {
        chat.join(&reader, None).await;
    }
    let first = Held::holding(&app, &one, &ana).await;
    let second = Held::holding(&app, &two, &ana).await;
    three.send(&ana, "they are open still").await;
    has_read(&app, 1).await;
    second.commit().await;
    assert_eq!(reader.next("receiveMessage").await["conversationId"], json!(two.id));
    has_read(&app, 2).await;
    // However long one stays open, the others are neither held up nor read again.
    for count in 3..6 {
        three.send(&ana, "one is open still").await;
        has_read(&app, count).await;
    }
    first.commit().await;
    assert_eq!(reader.next("receiveMessage").await["conversationId"], json!(one.id));
    has_read(&app, 6).await;
}

/// A node that can't hear that somebody's rights were taken away grants none.
#[tokio::test]
async fn a_node_that_has_heard_nothing_for_seconds_refuses() {
    // It asks again and again.
    let quick = |settings: &mut Settings| _ = settings.set("SOCKET_EVENTS_PER_SECOND", 10_000);
    let app = TestApp::with_proxied_database(quick).await;
    let root = app.admin("root").await;
    let mut socket = root.socket().await;
    root.get("/admin/users").await.expect(200);
    app.network().stall();
    // From memory, as long as that is good: nothing is asked of the database.
    let typing = || json!({ "conversationId": Uuid::new_v4(), "isTyping": true });
    let known = socket.call("typing", typing()).await.expect_err("there is no such conversation");
    assert_eq!(known["code"], "E_NOT_FOUND", "{known}");
    let begun = Instant::now();
    let refused = eventually(async || {
        let refused = socket.call("typing", typing()).await.expect_err("there is no such conversation");
        (refused["code"] != "E_NOT_FOUND").then_some(refused)
    })
    .await;
    assert!(matches!(refused["code"].as_str(), Some("E_UNAVAILABLE" | "E_OVERLOADED")), "{refused}");
    assert_eq!(refused["status"], 503);
    assert!(begun.elapsed() < Duration::from_secs(14), "{:?}", begun.elapsed());
    app.network().heal();
    eventually(async || (root.get("/admin/users").await.status == 200).then_some(())).await;
    assert!(socket.events().iter().all(|(name, _)| name != "revoked"), "nothing was taken away");
}
