//! What a hostile or unlucky client, proxy or neighbour can't do.

use std::net::SocketAddr;

use rookery::realtime::{Connection, Transports, Way};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::support::{Chat, TestApp, eventually};

#[tokio::test]
async fn a_readded_member_goes_on_receiving_on_a_node_that_lags() {
    let app = TestApp::start().await;
    let apart = TestApp::node_apart(&app).await;
    let (ana, ben, cleo) = (app.user("ana").await, app.user("ben").await, app.user("cleo").await);
    let chat = Chat::group(&[&ana, &ben, &cleo]).await;
    let mut follower = cleo.on(&apart).socket().await;
    chat.join(&follower, None).await;
    let mut readded = ben.on(&apart).socket().await;
    for _ in 0..5 {
        // The other node hears of neither until its next poll.
        ana.delete(&chat.path(&format!("members/{}", ben.id))).await.expect(204);
        ana.post(&chat.path("members"), json!({ "userIds": [ben.id] })).await.expect(204);
        chat.join(&readded, Some(0)).await;
        let sent = chat.send(&ana, "hello again").await;
        assert_eq!(follower.next("receiveMessage").await["seq"], sent["seq"]);
        assert_eq!(readded.next("receiveMessage").await["seq"], sent["seq"]);
    }
}

#[tokio::test]
async fn joining_again_leaves_nothing_out_on_a_node_that_lags() {
    let app = TestApp::start().await;
    let apart = TestApp::node_apart(&app).await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let mut reader = ben.on(&apart).socket().await;
    chat.join(&reader, None).await;
    for _ in 0..3 {
        let sent = chat.send(&ana, "hello").await;
        // It has joined already and hasn't left: asking for nothing again takes nothing away.
        chat.join(&reader, None).await;
        assert_eq!(reader.next("receiveMessage").await["seq"], sent["seq"]);
    }
}

#[tokio::test]
async fn a_session_ended_in_another_process_closes_its_sockets_within_seconds() {
    let app = TestApp::start().await;
    let apart = TestApp::node_apart(&app).await;
    let ben = app.user("ben").await;
    let mut socket = ben.on(&apart).socket().await;
    ben.delete("/auth/sessions").await.expect(204);
    assert_eq!(socket.next("revoked").await, json!({ "reason": "sessionEnded" }));
}

#[tokio::test]
async fn a_revocation_reaches_the_sockets_although_its_caller_hangs_up() {
    let app = TestApp::start().await;
    let ben = app.user("ben").await;
    let mut socket = ben.socket().await;
    let head = format!(
        "DELETE /api/v1/auth/sessions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n",
        ben.access_token
    );
    let (app, head) = (&app, &head);
    // Hangs up at once, and again, until one request had got far enough to be carried out.
    eventually(async || {
        app.raw().await.write(head).await;
        (app.database.number("SELECT count(*) FROM sessions WHERE revoked_at IS NULL").await == 0)
            .then_some(())
    })
    .await;
    assert_eq!(socket.next("revoked").await, json!({ "reason": "sessionEnded" }));
}

#[test]
fn a_proxys_shared_connection_forgets_nobody_else() {
    let transports = Transports::default();
    let peer: SocketAddr = "127.0.0.1:1".parse().unwrap();
    let connection = || Connection::new(peer, CancellationToken::new());
    let (shared, own) = (connection(), connection());
    let (one, other) = ("AAAAAAAAAAAAAAAA".parse().unwrap(), "BAAAAAAAAAAAAAAA".parse().unwrap());
    // One polls through the proxy and upgrades on a connection of its own; the proxy goes on with another.
    transports.bind(one, &shared, Way::Polling);
    transports.bind(one, &own, Way::WebSocket);
    transports.bind(other, &shared, Way::Polling);
    transports.cut(one);
    assert!(own.cut.is_cancelled() && !shared.cut.is_cancelled());
    // What carries somebody's REST requests by now isn't cut with the session it carried before.
    transports.unbind(&shared);
    transports.cut(other);
    assert!(!shared.cut.is_cancelled());
    assert!(
        !transports.bind(other, &connection(), Way::Polling),
        "a session that was cut gets no other connection"
    );
}

#[tokio::test]
async fn a_slow_body_to_the_socket_path_is_cut_off() {
    let app = TestApp::with(|settings| {
        settings.set("BODY_TIMEOUT_SECS", 1);
    })
    .await;
    let mut raw = app.raw().await;
    raw.write("GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let text = raw.read_answer().await.unwrap();
    let sid = text.split("\"sid\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let head = format!(
        "POST /socket.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nhost: x\r\n\
         content-type: text/plain;charset=UTF-8\r\ncontent-length: 100\r\n\r\n4"
    );
    raw.write(&head).await;
    raw.read_to_end().await;
}

#[tokio::test]
async fn an_answer_to_joining_is_bounded_in_bytes() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let long = "ü".repeat(10_000);
    for _ in 0..10 {
        chat.send(&ana, &long).await;
    }
    let joined = chat.join(&ben.socket().await, Some(0)).await;
    assert_eq!((joined["events"].as_array().unwrap().len(), &joined["hasMore"]), (3, &json!(true)));
    assert_eq!(chat.events(&ben).await.len(), 10, "the pages go on where they ended");
}

#[tokio::test]
async fn quick_answers_dont_cut_a_client_that_reads() {
    let app = TestApp::with(|settings| {
        settings.set("SOCKET_EVENTS_PER_SECOND", 1000);
    })
    .await;
    let ana = app.user("ana").await;
    let socket = ana.socket().await;
    let answers: Vec<_> = (0..3000).map(|_| socket.ask("unheardOf", json!({}))).collect();
    for answer in answers {
        assert_eq!(answer.await.unwrap()["problem"]["code"], "E_EVENT_UNKNOWN");
    }
}
