//! How far members are, what is unread, and what is muted.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Chat, TestApp, User, queries_of};

async fn conversation(chat: &Chat, asker: &User) -> Value {
    asker.get(&format!("/conversations/{}", chat.id)).await.expect(200).body
}

/// As the list and the conversation itself say, which agree.
async fn unread(chat: &Chat, asker: &User) -> i64 {
    let one = conversation(chat, asker).await;
    let list = asker.get("/conversations").await.expect(200);
    let same = list.items().iter().find(|other| other["id"] == one["id"]).expect("it is mine");
    assert_eq!(same["unread"], one["unread"]);
    one["unread"].as_i64().unwrap()
}

#[tokio::test]
async fn unread_is_what_others_said_after_my_mark() {
    let app = TestApp::start().await;
    let [ana, ben, cleo] = [app.user("ana").await, app.user("ben").await, app.user("cleo").await];
    let chat = Chat::group(&[&ana, &ben]).await;
    assert_eq!(unread(&chat, &ben).await, 0);
    chat.send(&ana, "one").await;
    chat.send(&ana, "two").await;
    ana.post(&chat.path("members"), json!({ "userIds": [cleo.id] })).await.expect(204);
    chat.send(&cleo, "three").await;
    assert_eq!(unread(&chat, &cleo).await, 0, "what was said before she joined is none of it, nor her own");
    assert_eq!((unread(&chat, &ben).await, unread(&chat, &ana).await), (3, 1), "joining is no message");
    ben.put(&chat.path("read"), json!({ "seq": 1 })).await.expect(200);
    assert_eq!(unread(&chat, &ben).await, 2);
    chat.send(&ben, "four").await;
    assert_eq!(unread(&chat, &ben).await, 2, "one's own count for nothing");
    ben.put(&chat.path("read"), json!({ "seq": 5 })).await.expect(200);
    assert_eq!(unread(&chat, &ben).await, 0);
}

#[tokio::test]
async fn what_happens_to_messages_is_no_message() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let first = chat.send(&ana, "one").await;
    ben.put(&chat.path("read"), json!({ "seq": 1 })).await.expect(200);
    ana.patch(&chat.path_of(&first), json!({ "content": "won" })).await.expect(200);
    let thumb = format!("{}/reactions/%F0%9F%91%8D", chat.path_of(&first));
    ana.put(&thumb, json!({})).await.expect(200);
    ana.delete(&thumb).await.expect(200);
    assert_eq!(unread(&chat, &ben).await, 0, "four events, and nothing to read");
    let second = chat.send(&ana, "two").await;
    ana.patch(&chat.path_of(&second), json!({ "content": "too" })).await.expect(200);
    assert_eq!(unread(&chat, &ben).await, 1);
}

#[tokio::test]
async fn what_i_would_not_get_does_not_wait_for_me() {
    let app = TestApp::start().await;
    let [ana, ben, cleo] = [app.user("ana").await, app.user("ben").await, app.user("cleo").await];
    let chat = Chat::group(&[&ana, &ben, &cleo]).await;
    chat.send(&cleo, "one").await;
    let [deleted, hidden] = [chat.send(&ana, "two").await, chat.send(&ana, "three").await];
    let mut passing = Chat::message("four");
    passing["expiresInSecs"] = json!(60);
    ana.post(&chat.path("messages"), passing).await.expect(201);
    assert_eq!(unread(&chat, &ben).await, 4);
    ana.delete(&chat.path_of(&deleted)).await.expect(204);
    assert_eq!(unread(&chat, &ben).await, 3);
    ben.delete(&format!("{}?forEveryone=false", chat.path_of(&hidden))).await.expect(204);
    assert_eq!((unread(&chat, &ben).await, unread(&chat, &cleo).await), (2, 2));
    app.outside.clock.advance(TimeDelta::seconds(60));
    assert_eq!(unread(&chat, &ben).await, 1, "swept or not");
    ben.put(&format!("/users/{}/block", cleo.id), json!({})).await.expect(204);
    assert_eq!(unread(&chat, &ben).await, 0);
    ben.delete(&format!("/users/{}/block", cleo.id)).await.expect(204);
    assert_eq!(unread(&chat, &ben).await, 1);
}

#[tokio::test]
async fn a_page_of_conversations_is_one_query() {
    let app = TestApp::start().await;
    let [ana, ben] = [app.user("ana").await, app.user("ben").await];
    for _ in 0..5 {
        chat_with_news(&ana, &ben).await;
    }
    for limit in [1, 10] {
        assert_eq!(queries_of(&ben, &format!("/conversations?limit={limit}")).await, 1.0, "{limit}");
    }
    let all = ben.get("/conversations?limit=10").await.expect(200);
    assert_eq!(all.items().iter().map(|one| one["unread"].clone()).collect::<Vec<_>>(), [2, 2, 2, 2, 2]);
}

async fn chat_with_news(sender: &User, other: &User) {
    let chat = Chat::group(&[sender, other]).await;
    chat.send(sender, "one").await;
    chat.send(sender, "two").await;
}

#[tokio::test]
async fn nobody_counts_further_than_a_hundred() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    for n in 0..101 {
        chat.send(&ana, &n.to_string()).await;
    }
    assert_eq!(unread(&chat, &ben).await, 100);
    ben.put(&chat.path("read"), json!({ "seq": 2 })).await.expect(200);
    assert_eq!(unread(&chat, &ben).await, 99);
}

#[tokio::test]
async fn marks_only_move_forward_and_never_past_the_head() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    for text in ["one", "two", "three"] {
        chat.send(&ana, text).await;
    }
    let mut socket = ana.socket().await;
    chat.join(&socket, None).await;
    let of_ben = async || {
        let members = ana.get(&chat.path("members")).await.expect(200);
        let ben = members.items().iter().find(|member| member["user"]["id"] == ben.id).unwrap().clone();
        (ben["lastDeliveredSeq"].as_i64().unwrap(), ben["lastReadSeq"].as_i64().unwrap())
    };
    let path = chat.path("delivered");
    assert_eq!(ben.put(&path, json!({ "seq": 2 })).await.expect(200).body["seq"], 2);
    assert_eq!(ben.put(&path, json!({ "seq": 1 })).await.expect(200).body["seq"], 2);
    ben.put(&path, json!({ "seq": 4 })).await.invalid(&[("/seq", "too_large")]);
    assert_eq!(of_ben().await, (2, 0));
    assert_eq!(
        socket.next("deliveredMarked").await,
        json!({ "conversationId": chat.id, "userId": ben.id, "seq": 2 })
    );

    ben.put(&chat.path("read"), json!({ "seq": 3 })).await.expect(200);
    assert_eq!(of_ben().await, (3, 3), "what is read has arrived");
    assert_eq!(socket.next("readMarked").await["seq"], 3);
    let own = ben.socket().await;
    let mark = |seq: i64| json!({ "conversationId": chat.id, "seq": seq });
    assert_eq!(own.call("markDelivered", mark(1)).await.unwrap()["seq"], 3);
    assert_eq!(own.call("markDelivered", mark(9)).await.unwrap_err()["code"], "E_INVALID");
    assert_eq!(own.call("markRead", mark(9)).await.unwrap_err()["code"], "E_INVALID");
    chat.send(&ana, "four").await;
    assert_eq!(own.call("markDelivered", mark(4)).await.unwrap()["seq"], 4);
    assert_eq!(of_ben().await, (4, 3));
    assert_eq!(socket.next("deliveredMarked").await["seq"], 4, "what changes nothing is told to nobody");
    let stranger = app.user("cleo").await;
    stranger.put(&path, json!({ "seq": 1 })).await.problem("E_NOT_FOUND", 404);
    stranger.put(&chat.path("read"), json!({ "seq": 1 })).await.problem("E_NOT_FOUND", 404);
}

#[tokio::test]
async fn muting_is_ones_own_and_ends_by_itself() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let path = chat.path("mute");
    let until = app.outside.clock.now() + TimeDelta::minutes(1);
    ana.put(&path, json!({ "until": until.to_rfc3339() })).await.expect(204);
    assert!(conversation(&chat, &ana).await["mutedUntil"].is_string());
    assert!(conversation(&chat, &ben).await["mutedUntil"].is_null());
    app.outside.clock.advance(TimeDelta::minutes(1));
    assert!(conversation(&chat, &ana).await["mutedUntil"].is_null());
    ana.put(&path, json!({ "until": until.to_rfc3339() })).await.invalid(&[("/until", "in_the_past")]);
    let for_good = "9999-12-31T23:59:59.999Z";
    ana.put(&path, json!({ "until": for_good })).await.expect(204);
    assert_eq!(conversation(&chat, &ana).await["mutedUntil"], for_good);
    assert_eq!(chat.events(&ben).await, Vec::<Value>::new(), "it is no event");
    ana.delete(&path).await.expect(204);
    ana.delete(&path).await.expect(204);
    assert!(conversation(&chat, &ana).await["mutedUntil"].is_null());
    let stranger = app.user("cleo").await;
    stranger.put(&path, json!({ "until": for_good })).await.problem("E_NOT_FOUND", 404);
    stranger.delete(&path).await.problem("E_NOT_FOUND", 404);
}
