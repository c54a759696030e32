//! Who says more than is borne with, or is told more at once than usual, and reads all the same.

use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use rookery::{
    guards::SignedIn,
    problem::Problem,
    realtime::{Client, ClientEvent, Nothing},
};
use serde_json::{json, value::to_raw_value};
use tokio::sync::Semaphore;
use tokio_tungstenite::{connect_async, tungstenite::Message};

use crate::support::{TestApp, eventually, figure, within};

/// Pushes at once, all of them small.
const BURST: usize = 6_000;

/// Has everything pushed to whoever sends it.
struct Burst;

impl ClientEvent for Burst {
    // Of a name that is documented, for answers are held against the documents.
    const NAME: &'static str = "leaveConversation";
    const SUMMARY: &'static str = "Pushes much";
    type Payload = Nothing;
    type Ack = Nothing;
    type Refusals = ();
}

async fn burst(_: (), client: Arc<Client>, _: SignedIn, _: Nothing) -> Result<Nothing, Problem> {
    let someone = "00000000-0000-7000-8000-000000000000";
    let typing =
        to_raw_value(&json!({ "conversationId": someone, "userId": someone, "isTyping": true })).unwrap();
    for _ in 0..BURST {
        client.push("typing", &typing).expect("less than a megabyte waits");
    }
    Ok(Nothing {})
}

#[tokio::test]
async fn a_burst_of_small_packets_cuts_nobody_who_reads() {
    let app = TestApp::with_events(|ns| ns.on::<Burst, SignedIn>(((), burst))).await;
    let mut socket = app.user("ana").await.socket().await;
    socket.call("leaveConversation", json!({})).await.unwrap();
    for _ in 0..BURST {
        socket.next("typing").await;
    }
    assert_eq!(figure(&app.anonymous(), "websocket_lagging_total").await, 0.0);
}

#[tokio::test]
async fn who_floods_and_reads_is_told_why_they_have_to_go() {
    let app = TestApp::with(|settings| {
        settings.set("SOCKET_EVENTS_PER_SECOND", 10_000);
    })
    .await;
    for (number, leaves) in [(0, true), (1, false), (2, true), (3, false)] {
        let token = app.user(&format!("user{number}")).await.access_token;
        let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", app.address);
        let (mut says, mut hears) = connect_async(url).await.unwrap().0.split();
        says.send(Message::text(format!("40{}", json!({ "token": token })))).await.unwrap();
        while !within("the namespace", hears.next())
            .await
            .unwrap()
            .unwrap()
            .to_text()
            .unwrap()
            .starts_with("40")
        {}
        // As many at once as answers may wait; one more for each that has come.
        let room = Arc::new(Semaphore::new(2500));
        let flood = tokio::spawn({
            let room = room.clone();
            async move {
                for _ in 0..100_000 {
                    room.acquire().await.unwrap().forget();
                    if says.send(Message::text("42[\"unheardOf\",{}]")).await.is_err() {
                        break;
                    }
                }
                // Official clients hang up when they are told to go; this one doesn't even do that.
                if leaves { None } else { Some(says) }
            }
        });
        let (mut told, mut over) = (false, false);
        while let Some(Ok(message)) = within("the end", hears.next()).await {
            let text = message.to_text().unwrap_or_default();
            told |= text.starts_with("42[\"revoked\"") && text.contains("tooManyProblems");
            over |= text.starts_with("41");
            room.add_permits(1);
        }
        assert!(told && over, "told: {told}, taken leave of: {over}");
        // And however much they go on saying.
        room.add_permits(100_000);
        within("the flood to end", flood).await.unwrap();
    }
    assert_eq!(figure(&app.anonymous(), "websocket_lagging_total").await, 0.0);
    eventually(async || (figure(&app.anonymous(), "websocket_sessions_active").await == 0.0).then_some(()))
        .await;
}
