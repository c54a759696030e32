//! What has had its time goes, and nobody who had a part of it is left with a hole unknowingly.

use serde_json::{Value, json};

use crate::support::{Chat, SocketClient, TestApp, User, eventually, seqs};

/// The events up to this one happened long ago.
async fn age(app: &TestApp, up_to: i64) {
    let sql = format!("UPDATE stream_events SET at = '2020-01-01T00:00:00+00:00' WHERE seq <= {up_to}");
    assert!(app.database.execute(&sql).await > 0);
}

/// A node that keeps what happens in conversations for a day, or for ever.
async fn keeping(app: &TestApp, days: u32) -> TestApp {
    TestApp::second_node_with(app, |settings| _ = settings.set("MESSAGE_RETENTION_DAYS", days)).await
}

async fn page(reader: &User, chat: &Chat, after: i64) -> Value {
    reader.get(&chat.path(&format!("events?after={after}"))).await.expect(200).body
}

/// The oldest event that a reader gets is this one.
async fn begins_at(reader: &User, chat: &Chat, first: i64) {
    eventually(async || (page(reader, chat, 0).await["items"][0]["seq"] == first).then_some(())).await;
}

#[tokio::test]
async fn messages_go_and_whoever_lacks_some_of_them_begins_anew() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let first = chat.send(&ana, "1").await;
    let mut reply = Chat::message("2");
    reply["replyTo"] = first["id"].clone();
    for n in 2..=600 {
        let message = if n == 510 { reply.clone() } else { Chat::message(&n.to_string()) };
        ana.post(&chat.path("messages"), message).await.expect(201);
    }
    ben.put(&format!("{}/reactions/👍", chat.path_of(&first)), json!({})).await.expect(200);
    age(&app, 505).await;
    let _keeper = keeping(&app, 1).await;
    begins_at(&ben, &chat, 506).await;

    let from_the_start = chat.events(&ben).await;
    assert_eq!(seqs(&from_the_start)[..3], [506, 507, 508]);
    assert!(from_the_start[4]["message"]["replied"].is_null(), "what it replies to has gone");
    for (after, resync) in [(0, false), (1, true), (504, true), (505, false), (506, false)] {
        let page = page(&ben, &chat, after).await;
        assert_eq!((&page["resync"], page["items"] == json!([])), (&json!(resync), resync), "{after}");
    }
    let socket = ben.socket().await;
    assert_eq!(chat.join(&socket, Some(3)).await["resync"], true);
    assert_eq!(chat.join(&socket, Some(0)).await["events"][0]["seq"], 506);
    ana.get(&chat.path_of(&first)).await.problem("E_NOT_FOUND", 404);
    assert_eq!(app.database.number("SELECT count(*) FROM messages WHERE seq <= 505").await, 0);
    assert_eq!(app.database.number("SELECT count(*) FROM message_reactions").await, 0);
}

#[tokio::test]
async fn a_conversation_outlives_all_that_was_said_in_it() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let chat = Chat::group(&[&ana, &ben]).await;
    for n in 0..2 {
        chat.send(&ana, &n.to_string()).await;
    }
    let head = page(&ben, &chat, 0).await["headSeq"].as_i64().unwrap();
    age(&app, head).await;
    let _keeper = keeping(&app, 1).await;
    eventually(async || (page(&ben, &chat, 0).await["items"] == json!([])).then_some(())).await;
    let empty = page(&ben, &chat, 0).await;
    assert_eq!((&empty["hasMore"], &empty["resync"]), (&json!(false), &json!(false)));
    assert_eq!(page(&ben, &chat, 1).await["resync"], true);
    assert_eq!(page(&ben, &chat, head).await["resync"], false);
    assert_eq!(chat.send(&ana, "more").await["seq"], head + 1);
    assert_eq!(seqs(&chat.events(&ben).await), [head + 1]);
    assert_eq!(ben.get(&chat.path("members")).await.expect(200).items().len(), 2);
}

/// Unless it is said, what happens in conversations is kept for ever, and what happens to a person for 90 days.
#[tokio::test]
async fn people_are_told_too_that_their_own_streams_begin_later() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    chat.send(&ana, "old").await;
    for _ in 0..3 {
        let phone = app.sign_in("ben").await;
        let ended = json!({ "refreshToken": phone.refresh_token });
        app.anonymous().post("/auth/logout", ended).await.expect(204);
    }
    age(&app, 2).await;
    let _keeper = keeping(&app, 0).await;
    let own = async |after: i64| ben.get(&format!("/users/me/events?after={after}")).await.expect(200).body;
    eventually(async || (own(0).await["items"][0]["seq"] == 3).then_some(())).await;
    for (after, resync) in [(0, false), (1, true), (2, false), (3, false)] {
        assert_eq!(own(after).await["resync"], resync, "{after}");
    }
    let welcome = async |after: i64| {
        let auth = json!({ "token": ben.access_token, "after": after });
        let mut socket = SocketClient::connect_saying(app.address, auth).await.unwrap();
        let welcome = socket.next("welcome").await;
        (socket, welcome)
    };
    let (mut socket, told) = welcome(0).await;
    assert_eq!((&told["pushedAfter"], &told["resync"]), (&json!(2), &json!(false)));
    assert_eq!(socket.next("sessionEnded").await["seq"], 3);
    let (_, told) = welcome(1).await;
    assert_eq!((&told["pushedAfter"], &told["resync"]), (&json!(3), &json!(true)));
    assert_eq!(seqs(&chat.events(&ana).await), [1]);
}

#[tokio::test]
async fn whatever_happened_to_a_person_goes_when_it_has_had_its_time() {
    let app = TestApp::start().await;
    let (ana, ben, root) = (app.user("ana").await, app.user("ben").await, app.admin("root").await);
    let chat = Chat::group(&[&ana, &ben]).await;
    let message = chat.send(&ana, "hidden").await;
    // Of every kind that there is.
    ana.put(&format!("/users/{}/block", ben.id), json!({})).await.expect(204);
    root.patch(&format!("/admin/users/{}", ana.id), json!({ "role": "moderator" })).await.expect(200);
    ana.delete(&format!("{}?forEveryone=false", chat.path_of(&message))).await.expect(204);
    let phone = app.sign_in("ana").await;
    let ended = json!({ "refreshToken": phone.refresh_token });
    app.anonymous().post("/auth/logout", ended).await.expect(204);
    let own = "FROM stream_events \
               WHERE kind IN ('blocksChanged', 'accountChanged', 'messageHidden', 'sessionEnded')";
    for left in [3, 2, 1, 0] {
        let oldest = format!(
            "UPDATE stream_events SET at = '2020-01-01T00:00:00+00:00' WHERE kind = (SELECT kind {own} ORDER BY seq LIMIT 1)"
        );
        assert_eq!(app.database.execute(&oldest).await, 1);
        let _keeper = keeping(&app, 0).await;
        let count = format!("SELECT count(*) {own}");
        eventually(async || (app.database.number(&count).await == left).then_some(())).await;
    }
}
