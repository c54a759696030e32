//! Who has left, or has been told to go, doesn't stay.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt, stream};
use serde_json::json;
use tokio_tungstenite::{connect_async, tungstenite::Message};

use crate::support::{Held, PollingClient, SocketClient, TestApp, eventually, figure, within};

#[tokio::test]
async fn whoever_leaves_and_stays_connected_is_hung_up_on() {
    // A session that isn't polled for any more is over after a while, which is short here.
    let app = TestApp::with_terms(|terms| {
        (terms.ping_interval, terms.ping_timeout) = (Duration::from_secs(2), Duration::from_secs(2));
    })
    .await;
    let ana = app.user("ana").await;
    let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", app.address);
    let (mut socket, _) = connect_async(url).await.unwrap();
    socket.send(Message::text(format!("40{}", json!({ "token": ana.access_token })))).await.unwrap();
    let polling = PollingClient::connect(Held::plain(app.address).await, &ana.access_token).await;
    let mut told = ana.socket().await;
    eventually(async || {
        (figure(&app.anonymous(), "websocket_connections_active").await == 3.0).then_some(())
    })
    .await;
    socket.send(Message::text("41")).await.unwrap();
    polling.post("41").await;
    ana.delete("/auth/sessions").await.expect(204);
    told.next("revoked").await;
    let ended = async {
        while let Some(Ok(message)) = socket.next().await {
            // It says that it is there, and nothing else.
            if message.to_text().is_ok_and(|text| text == "2") {
                _ = socket.send(Message::text("3")).await;
            }
        }
    };
    within("the end of the connection", ended).await;
    let polls = async || Held::plain(app.address).await.get(polling.path()).await.status;
    eventually(async || (polls().await == 400).then_some(())).await;
}

#[tokio::test]
async fn sockets_are_counted_by_their_transport_and_change_it() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let counted = async || {
        let of = |transport: &str| format!("websocket_connections_active{{transport=\"{transport}\"}}");
        let text = app.anonymous().get("//metrics").await.expect(200).body;
        let lines: Vec<&str> = text.as_str().unwrap().lines().collect();
        [of("websocket"), of("polling")].map(|name| {
            let line = lines.iter().find_map(|line| line.strip_prefix(&name));
            line.unwrap_or_else(|| panic!("no {name}")).trim().parse::<u32>().unwrap()
        })
    };
    assert_eq!(counted().await, [0, 0]);
    let socket = ana.socket().await;
    let polling = PollingClient::connect(Held::plain(app.address).await, &ana.access_token).await;
    assert_eq!(counted().await, [1, 1]);
    let sid = polling.path().rsplit('=').next().unwrap();
    let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket&sid={sid}", app.address);
    let (mut upgraded, _) = connect_async(url).await.unwrap();
    upgraded.send(Message::text("2probe")).await.unwrap();
    assert_eq!(
        within("the probe's answer", upgraded.next()).await.unwrap().unwrap().to_text().unwrap(),
        "3probe"
    );
    assert_eq!(counted().await, [1, 1], "it has only asked");
    upgraded.send(Message::text("5")).await.unwrap();
    eventually(async || (counted().await == [2, 0]).then_some(())).await;
    drop((socket, upgraded));
    eventually(async || (counted().await == [0, 0]).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_goes_as_soon_as_they_have_come_leaves_nothing() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let (address, token) = (app.address, ana.access_token.clone());
    stream::iter(0..500)
        .for_each_concurrent(8, async |_| drop(SocketClient::connect(address, Some(&token)).await.unwrap()))
        .await;
    for what in ["connections_active", "sessions_active", "waiting_bytes"] {
        let name = format!("websocket_{what}");
        eventually(async || (figure(&app.anonymous(), &name).await == 0.0).then_some(())).await;
    }
}
