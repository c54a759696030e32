//! A COMMIT whose answer is lost: nobody knows whether it was done, and everybody is told so.

use sea_orm::sqlx::{Connection, PgConnection, postgres::PgConnectOptions, raw_sql};

use crate::support::{Chat, TestApp, eventually, figure, seqs};

/// Makes every COMMIT that stores a message wait for a lock, which the test holds.
const COMMITS_WAIT: &str = "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql \
     AS 'BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NULL; END'; \
     CREATE CONSTRAINT TRIGGER waits AFTER INSERT ON messages DEFERRABLE INITIALLY DEFERRED \
     FOR EACH ROW EXECUTE FUNCTION wait()";

async fn is_committing(app: &TestApp) {
    let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted \
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    eventually(async || (app.database.number(waiting).await == 1).then_some(())).await;
}

#[tokio::test]
async fn it_is_told_to_all_who_were_committed_together_and_the_same_again_is_stored_once() {
    let app = TestApp::with_proxied_database(|_| {}).await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let options: PgConnectOptions = app.database.url().parse().unwrap();
    let mut other = PgConnection::connect_with(&options.extra_float_digits(None)).await.unwrap();
    raw_sql(COMMITS_WAIT).execute(&mut other).await.unwrap();
    raw_sql("BEGIN; SELECT pg_advisory_xact_lock(1)").execute(&mut other).await.unwrap();

    let mut reader = ben.socket().await;
    chat.join(&reader, None).await;
    let sockets = [ana.socket().await, ben.socket().await, ana.socket().await];
    let sends: Vec<_> = (0..3).map(|n| chat.payload(&Chat::message(&n.to_string()))).collect();
    let client = app.anonymous();
    let mut answers = vec![sockets[0].ask("sendMessage", sends[0].clone())];
    is_committing(&app).await;
    for (socket, send) in sockets.iter().zip(&sends).skip(1) {
        answers.push(socket.ask("sendMessage", send.clone()));
    }
    let waiting = async || figure(&client, "stream_appends_waiting").await;
    eventually(async || (waiting().await == 2.0).then_some(())).await;
    // Once the first is committed, alone, the others are in their COMMIT, together.
    raw_sql("COMMIT; BEGIN; SELECT pg_advisory_xact_lock(1)").execute(&mut other).await.unwrap();
    let first = answers.remove(0).await.unwrap();
    assert_eq!(first["ok"], true, "{first}");
    is_committing(&app).await;
    app.network().cut();
    for answer in answers {
        let answer = answer.await.unwrap();
        assert_eq!(answer["problem"]["code"], "E_UNAVAILABLE", "{answer}");
    }
    other.close().await.unwrap();

    for (n, (socket, send)) in sockets.iter().zip(sends).enumerate() {
        let sent = eventually(async || socket.call("sendMessage", send.clone()).await.ok()).await;
        assert_eq!(sent["message"]["content"], n.to_string());
    }
    let events = chat.events(&ana).await;
    assert_eq!(seqs(&events), [1, 2, 3]);
    // Nobody told of them: they are found.
    let mut pushed = Vec::new();
    for _ in 0..3 {
        pushed.push(reader.next("receiveMessage").await);
    }
    let stored: Vec<_> = events.into_iter().map(|event| event["message"].clone()).collect();
    assert_eq!(pushed, stored);
}
