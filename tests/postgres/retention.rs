//! A node that is late, and what it should push has gone meanwhile.

use serde_json::json;

use crate::support::{Chat, Closed, TestApp, eventually, seqs};

#[tokio::test]
async fn whoever_lacks_what_is_no_longer_kept_is_cut_and_begins_anew() {
    let late = TestApp::with_proxied_database(|_| {}).await;
    let (chat, ana, ben) = Chat::direct(&late).await;
    let url = late.database.url();
    let app = TestApp::second_node_with(&late, |settings| _ = settings.set("DATABASE_URL", &url)).await;
    let (ana, mut socket) = (ana.on(&app), ben.socket().await);
    chat.send(&ana, "1").await;
    chat.join(&socket, Some(0)).await;

    late.network().stall();
    for n in 2..=6 {
        chat.send(&ana, &n.to_string()).await;
    }
    let aged = "UPDATE stream_events SET at = '2020-01-01T00:00:00+00:00' WHERE seq <= 5";
    assert_eq!(late.database.execute(aged).await, 5);
    let _keeper =
        TestApp::second_node_with(&app, |settings| _ = settings.set("MESSAGE_RETENTION_DAYS", 1)).await;
    let kept = async || seqs(&chat.events(&ana).await);
    eventually(async || (kept().await == [6]).then_some(())).await;
    late.network().heal();

    assert_eq!(socket.closed().await, Closed::Transport, "an official client reconnects after this");
    let again = ben.on(&app).socket().await;
    assert_eq!(chat.join(&again, Some(1)).await["resync"], true);
    assert_eq!(chat.join(&again, Some(0)).await["events"][0]["seq"], json!(6));
}
