//! R11: what waits for who doesn't read is bounded, in bytes; who takes nothing is cut and catches up.

use serde_json::json;

use crate::support::{
    CertificateFiles, Chat, Held, Pair, PollingClient, SocketClient, TestApp, User, eventually, figure, tls,
};

/// A socket's share of what may wait, and the largest packet beside it.
const SHARE: f64 = 1024.0 * 1024.0;
const LARGEST: f64 = 128.0 * 1024.0;

async fn waiting(app: &TestApp) -> f64 {
    figure(&app.anonymous(), "websocket_waiting_bytes").await
}

async fn lagging(app: &TestApp) -> f64 {
    figure(&app.anonymous(), "websocket_lagging_total").await
}

/// Long messages, one after another, until somebody was cut; how many. What waits is looked at after each.
async fn send_until_somebody_is_cut(app: &TestApp, chat: &Chat, sender: &User, deaf: usize) -> i64 {
    let socket = sender.socket().await;
    let long = "😀".repeat(10_000);
    let mut sent = 0;
    while lagging(app).await < deaf as f64 {
        assert!(sent < 2000, "everybody who doesn't read should have been cut by now");
        socket.call("sendMessage", chat.payload(&Chat::message(&long))).await.unwrap();
        sent += 1;
        let now = waiting(app).await;
        assert!(now <= deaf as f64 * (SHARE + LARGEST), "{now} bytes wait for {deaf}");
    }
    sent
}

#[tokio::test]
async fn on_a_websocket_what_waits_is_bounded_in_bytes() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let mut deaf = Vec::new();
    for _ in 0..3 {
        let socket = ben.socket().await;
        chat.join(&socket, None).await;
        socket.stop_reading();
        deaf.push(socket);
    }
    let sent = send_until_somebody_is_cut(&app, &chat, &ana, 3).await;
    eventually(async || (waiting(&app).await == 0.0).then_some(())).await;
    let again = ben.socket().await;
    let joined = chat.join(&again, Some(0)).await;
    assert_eq!(joined["headSeq"], sent);
    assert_eq!(chat.events(&ben).await.len() as i64, sent, "nothing is lost to who was cut");
}

#[tokio::test]
async fn while_polling_what_waits_is_bounded_in_bytes_too() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let (http1, http2) = (Held::plain(app.address).await, Held::plain_http2(app.address).await);
    let mut deaf = Vec::new();
    for connection in [http1, http2] {
        let client = PollingClient::connect(connection, &ben.access_token).await;
        client.emit("joinConversation", json!({ "conversationId": chat.id })).await;
        client.poll_until("joinedConversation").await;
        deaf.push(client);
    }
    let sent = send_until_somebody_is_cut(&app, &chat, &ana, 2).await;
    let again = PollingClient::connect(Held::plain(app.address).await, &ben.access_token).await;
    again.emit("joinConversation", json!({ "conversationId": chat.id, "after": sent })).await;
    again.poll_until(&format!("\"headSeq\":{sent}")).await;
    for client in deaf {
        let (http1, path) = (Held::plain(app.address).await, client.path());
        assert_eq!(http1.get(path).await.status, 400, "its session has ended");
    }
}

#[tokio::test]
async fn a_session_that_says_it_lives_and_never_asks_is_cut_as_well() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let client = PollingClient::connect(Held::plain(app.address).await, &ben.access_token).await;
    client.emit("joinConversation", json!({ "conversationId": chat.id })).await;
    client.poll_until("joinedConversation").await;
    let socket = ana.socket().await;
    let long = "😀".repeat(10_000);
    for _ in 0..SHARE as usize / 40_500 {
        socket.call("sendMessage", chat.payload(&Chat::message(&long))).await.unwrap();
        // What its posts are answered with was never owed.
        for _ in 0..10 {
            client.post("3").await;
        }
    }
    assert!(waiting(&app).await > 0.9 * SHARE, "{}", waiting(&app).await);
    assert_eq!(lagging(&app).await, 0.0);
}

#[tokio::test]
async fn who_takes_everything_owes_nothing_over_any_transport() {
    let pair = Pair::new();
    let files = CertificateFiles::of(&pair);
    let secure = TestApp::with(|settings| files.set(settings)).await;
    let plain = TestApp::start().await;
    let long = "\u{1}😀".repeat(5_000);

    let (chat, ana, ben) = Chat::direct(&plain).await;
    let mut socket = ben.socket().await;
    chat.join(&socket, None).await;
    let polling = [Held::plain(plain.address).await, Held::plain_http2(plain.address).await];
    for connection in polling {
        let client = PollingClient::connect(connection, &ben.access_token).await;
        client.emit("joinConversation", json!({ "conversationId": chat.id })).await;
        client.poll_until("joinedConversation").await;
        client.emit("unheardOf", json!({})).await;
        client.poll_until("exception").await;
        for content in ["short", &long, "the last"] {
            chat.send(&ana, content).await;
            socket.call("unheardOf", json!({})).await.unwrap_err();
            socket.emit("unheardOf", json!({}));
        }
        client.poll_until("the last").await;
        for _ in 0..3 {
            socket.next("receiveMessage").await;
            socket.next("exception").await;
        }
        eventually(async || (waiting(&plain).await == 0.0).then_some(())).await;
        client.post("1").await;
    }

    // The server's certificate isn't one that a client of REST trusts here: the database tells how it went.
    let connection = Held::secure(secure.address, &[&pair.der], &["http/1.1"]).await;
    let body =
        json!({ "username": "cleo", "email": "cleo@example.com", "password": crate::support::PASSWORD });
    let json = [("content-type", "application/json")];
    let registered = connection.ask("POST", "/api/v1/auth/register", &json, Some(body)).await.json();
    let token = registered["accessToken"].as_str().unwrap();
    let stream = tls(secure.address, &[&pair.der], &["http/1.1"]).await.unwrap();
    let mut socket = SocketClient::over(stream, token).await.unwrap();
    for _ in 0..100 {
        socket.call("unheardOf", json!({})).await.unwrap_err();
        socket.emit("unheardOf", json!({}));
        socket.next("exception").await;
    }
    // What was written last may have arrived before it is counted.
    let nothing = async || connection.get("/metrics").await.text.contains("\nwebsocket_waiting_bytes 0\n");
    eventually(async || nothing().await.then_some(())).await;
}

#[tokio::test]
async fn a_connection_that_became_no_websocket_may_become_another_socket_s() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let cleo = app.user("cleo").await;
    let polling = PollingClient::connect(Held::plain(app.address).await, &cleo.access_token).await;
    // As a balancer does that keeps connections for whoever comes next.
    let mut kept = app.raw().await;
    let upgrade = polling.path().replace("polling", "websocket");
    kept.write(&format!("GET {upgrade} HTTP/1.1\r\nhost: localhost\r\n\r\n")).await;
    let refused = kept.read_answer().await.expect("the connection is kept");
    assert!(refused.starts_with("HTTP/1.1 400"), "{refused}");
    // That session ends, with whatever it is owed.
    polling.post("1").await;
    let mut socket = SocketClient::over(kept.into_stream(), &ben.access_token).await.unwrap();
    chat.join(&socket, None).await;
    chat.send(&ana, "hello").await;
    socket.next("receiveMessage").await;
    eventually(async || (waiting(&app).await == 0.0).then_some(())).await;
}

#[tokio::test]
async fn answers_wait_until_there_is_room_for_them() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    for _ in 0..3 {
        chat.send(&ana, &"ü".repeat(10_000)).await;
    }
    let socket = ben.socket().await;
    socket.stop_reading();
    // A hundred times what is kept of three long messages.
    let asked: Vec<_> = (0..300)
        .map(|_| socket.ask("joinConversation", json!({ "conversationId": chat.id, "after": 0 })))
        .collect();
    eventually(async || (waiting(&app).await > SHARE / 2.0).then_some(())).await;
    socket.read_again();
    for answer in asked {
        assert_eq!(answer.await.unwrap()["ok"], true);
    }
    assert_eq!((lagging(&app).await, waiting(&app).await), (0.0, 0.0));
}
