//! R6: whoever kept numbers of another life of the database is told to forget them.

use serde_json::json;

use crate::support::{Chat, Closed, Settings, SocketClient, TestApp, finished, seqs};

async fn epoch(app: &TestApp, command: &str) -> String {
    let mut settings = Settings::of_tests();
    settings.set("DATABASE_URL", app.database.url());
    let output = finished(&["epoch", command], &settings).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test]
async fn another_life_of_the_database_cuts_everybody_and_makes_them_begin_anew() {
    let app = TestApp::start().await;
    let apart = TestApp::node_apart(&app).await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    chat.send(&ana, "before").await;
    let (mut here, mut there) = (ben.socket().await, ben.on(&apart).socket().await);
    let before = chat.join(&here, Some(0)).await["epoch"].clone();
    chat.join(&there, None).await;
    assert_eq!(epoch(&app, "show").await.trim(), before);

    let said = epoch(&app, "bump").await;
    for socket in [&mut here, &mut there] {
        assert_eq!(socket.closed().await, Closed::Transport, "an official client reconnects after this");
    }
    let auth = json!({ "token": ben.access_token, "after": 0, "epoch": before });
    let mut again = SocketClient::connect_saying(app.address, auth).await.unwrap();
    assert_eq!(again.next("welcome").await["resync"], true);
    let join = |epoch| json!({ "conversationId": chat.id, "after": 1, "epoch": epoch });
    let answer = again.call("joinConversation", join(&before)).await.unwrap();
    let now = answer["epoch"].clone();
    assert!(said.starts_with(now.as_str().unwrap()), "{said}");
    assert_eq!((&answer["resync"], &answer["events"]), (&json!(true), &json!([])));
    let answer = again.call("joinConversation", join(&now)).await.unwrap();
    assert_eq!((&answer["resync"], &answer["headSeq"]), (&json!(false), &json!(1)));
    chat.send(&ana, "after").await;
    assert_eq!(again.next("receiveMessage").await["seq"], 2);
    assert_eq!(seqs(&chat.events(&ben).await), [1, 2]);
}

/// A backup was restored beneath the program: streams are shorter than the nodes have seen them.
#[tokio::test]
async fn what_grows_again_after_a_restored_backup_is_pushed() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let mut socket = ben.socket().await;
    chat.join(&socket, None).await;
    for n in 1..=3 {
        chat.send(&ana, "soon lost").await;
        assert_eq!(socket.next("receiveMessage").await["seq"], n);
    }
    for sql in [
        "DELETE FROM messages WHERE seq > 1",
        "DELETE FROM stream_events WHERE seq > 1",
        "UPDATE streams SET last_seq = 1 WHERE last_seq > 1",
    ] {
        app.database.execute(sql).await;
    }
    epoch(&app, "bump").await;
    assert_eq!(socket.closed().await, Closed::Transport);
    let mut again = ben.socket().await;
    let answer = chat.join(&again, Some(3)).await;
    assert_eq!((&answer["resync"], &answer["headSeq"]), (&json!(true), &json!(1)));
    for seq in 2..=4 {
        chat.send(&ana, "in the new life").await;
        assert_eq!(again.next("receiveMessage").await["seq"], seq);
    }
}
