//! Networks between the app and its clients that fail, or are slow.

use std::time::Duration;

use serde_json::json;

use crate::support::{
    Chat, Closed, Proxy, RawConnection, SocketClient, TestApp, eventually, figure, raw, seqs,
};

#[tokio::test]
async fn a_socket_that_the_network_ends_is_forgotten_and_makes_up_for_it() {
    let app = TestApp::start().await;
    let network = Proxy::before(app.address).await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let ends: [fn(&Proxy); 2] = [Proxy::cut, Proxy::hang_up];
    for (seq, end) in (0..).zip(ends) {
        let mut socket = SocketClient::connect(network.address, Some(&ben.access_token)).await.unwrap();
        let joined = chat.join(&socket, Some(seq)).await;
        assert_eq!(joined["events"], json!([]), "it has everything so far");
        end(&network);
        assert_eq!(socket.closed().await, Closed::Transport);
        for figure_of in ["websocket_connections_active", "stream_followers"] {
            eventually(async || (figure(&app.anonymous(), figure_of).await == 0.0).then_some(())).await;
        }
        chat.send(&ana, "did you get this?").await;
        let again = SocketClient::connect(network.address, Some(&ben.access_token)).await.unwrap();
        assert_eq!(chat.join(&again, Some(seq)).await["events"][0]["seq"], seq + 1);
    }
}

#[tokio::test]
async fn a_slow_network_only_takes_longer() {
    let app = TestApp::start().await;
    let network = Proxy::before(app.address).await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    network.delay(Duration::from_millis(50));
    network.narrow(256 * 1024);
    let mut socket = SocketClient::connect(network.address, Some(&ben.access_token)).await.unwrap();
    chat.join(&socket, None).await;
    let long = "ü".repeat(10_000);
    for seq in 1..=3 {
        let sent = ana.by(network.address).post(&chat.path("messages"), Chat::message(&long)).await;
        assert_eq!(sent.expect(201).body, socket.next("receiveMessage").await);
        assert_eq!(seqs(&chat.events(&ben).await).last(), Some(&seq));
    }
}

#[tokio::test]
async fn a_body_that_trickles_in_is_given_up() {
    let app = TestApp::with(|settings| {
        settings.set("BODY_TIMEOUT_SECS", 1);
    })
    .await;
    let network = Proxy::before(app.address).await;
    network.narrow(1024);
    let mut slow = RawConnection::open(network.address).await;
    let head = "POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 60000\r\n\r\n";
    slow.write(&format!("{head}{}", " ".repeat(60_000))).await;
    // Who is still sending may find the connection reset before the answer arrives.
    let said = slow.read_to_end().await;
    assert!(said.is_empty() || raw::status(&said) == 408, "{said}");
}
