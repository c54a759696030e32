use chrono::TimeDelta;
use serde_json::{Value, json};

use super::for_a_day;
use crate::support::{Chat, TestApp, seqs};

fn is_a_tombstone(message: &Value) -> bool {
    let empty = [("content", json!("")), ("replyTo", json!(null)), ("replied", json!(null))];
    message["deletedAt"].is_string() && empty.iter().all(|(member, nothing)| message[*member] == *nothing)
}

#[tokio::test]
async fn what_is_deleted_leaves_its_place_and_nothing_else() {
    let app = for_a_day().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let mut reader = ben.socket().await;
    chat.join(&reader, None).await;
    let first = chat.send(&ana, "first").await;
    let mut reply = Chat::message("a canary");
    reply["replyTo"] = first["id"].clone();
    let reply = ana.post(&chat.path("messages"), reply).await.expect(201).body;
    app.outside.clock.advance(TimeDelta::hours(20));
    ana.delete(&chat.path_of(&reply)).await.expect(204);

    let pushed = reader.next("messageDeleted").await;
    assert_eq!((&pushed["seq"], &pushed["actorId"]), (&json!(3), &json!(ana.id)));
    let left = &pushed["message"];
    assert!(is_a_tombstone(left), "{left}");
    assert_eq!((&left["seq"], &left["id"], &left["senderId"]), (&json!(2), &reply["id"], &json!(ana.id)));
    let events = chat.events(&ben).await;
    assert_eq!(events[2]["kind"], "messageDeleted");
    assert_eq!((&events[1]["message"], &events[2]["message"]), (left, left));
    assert_eq!(&ben.get(&chat.path("messages")).await.items()[0], left);
    assert_eq!(&ben.get(&chat.path_of(&reply)).await.expect(200).body, left);
    assert_eq!(chat.join(&ben.socket().await, Some(0)).await["events"], json!(events));
}

#[tokio::test]
async fn deleting_again_changes_nothing() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let message = chat.send(&ana, "soup").await;
    let socket = ana.socket().await;
    socket.call("deleteMessage", chat.about(&message, json!({}))).await.unwrap();
    let left = ben.get(&chat.path_of(&message)).await.expect(200).body;
    app.outside.clock.advance(TimeDelta::seconds(1));
    socket.call("deleteMessage", chat.about(&message, json!({}))).await.unwrap();
    ana.delete(&chat.path_of(&message)).await.expect(204);
    assert_eq!(ben.get(&chat.path_of(&message)).await.expect(200).body, left);
    assert_eq!(seqs(&chat.events(&ben).await), [1, 2]);
    let edit = json!({ "content": "stew" });
    ana.patch(&chat.path_of(&message), edit.clone()).await.problem("E_MESSAGE_GONE", 409);
    let gone = socket.call("editMessage", chat.about(&message, edit)).await.unwrap_err();
    assert_eq!(gone["code"], "E_MESSAGE_GONE");
}

#[tokio::test]
async fn sending_it_again_neither_resurrects_it_nor_conflicts() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let message = Chat::message("soup");
    let path = chat.path("messages");
    let sent = ana.post(&path, message.clone()).await.expect(201).body;
    ana.patch(&chat.path_of(&sent), json!({ "content": "stew" })).await.expect(200);
    assert_eq!(ana.post(&path, message.clone()).await.expect(200).body["content"], "stew");
    ana.delete(&chat.path_of(&sent)).await.expect(204);
    let again = ana.post(&path, message.clone()).await.expect(200).body;
    assert!(is_a_tombstone(&again), "{again}");
    let over_socket = ana.socket().await.call("sendMessage", chat.payload(&message)).await.unwrap();
    assert_eq!(over_socket["message"], again);
    ben.post(&path, message).await.problem("E_MESSAGE_ID_TAKEN", 409);
    assert_eq!(seqs(&chat.events(&ben).await), [1, 2, 3]);
}

#[tokio::test]
async fn the_sender_may_and_the_owner_of_a_group_and_nobody_else() {
    let app = TestApp::start().await;
    let (ana, ben, cleo) = (app.user("ana").await, app.user("ben").await, app.user("cleo").await);
    let chat = Chat::group(&[&ana, &ben, &cleo]).await;
    let (of_ana, of_ben) = (chat.send(&ana, "soup").await, chat.send(&ben, "stew").await);
    cleo.delete(&chat.path_of(&of_ben)).await.problem("E_NOT_THE_SENDER", 403);
    ben.delete(&chat.path_of(&of_ana)).await.problem("E_NOT_THE_SENDER", 403);
    ana.delete(&chat.path_of(&of_ben)).await.expect(204);
    let events = chat.events(&cleo).await;
    assert_eq!((&events[2]["kind"], &events[2]["actorId"]), (&json!("messageDeleted"), &json!(ana.id)));
    // Whoever began it owns a direct conversation no more than the other does.
    let between = ana.post("/conversations", json!({ "memberIds": [ben.id] })).await.expect(201);
    let between = Chat { id: between.text("id") };
    let of_ben = between.send(&ben, "between us").await;
    ana.delete(&between.path_of(&of_ben)).await.problem("E_NOT_THE_SENDER", 403);
    // Who has left may no more.
    ben.delete(&chat.path(&format!("members/{}", ben.id))).await.expect(204);
    ben.delete(&chat.path_of(&of_ana)).await.problem("E_NOT_FOUND", 404);
}

#[tokio::test]
async fn nothing_of_what_was_said_stays_in_the_database() {
    const CANARY: &str = "canary-3f9a41";
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let fingerprints = "SELECT count(*) FROM messages WHERE length(fingerprint) > 0";
    for way in ["edit", "delete"] {
        let said = chat.send(&ana, &format!("{way} {CANARY}")).await;
        let mut reply = Chat::message("what do you mean?");
        reply["replyTo"] = said["id"].clone();
        let reply = ben.post(&chat.path("messages"), reply).await.expect(201).body;
        assert_eq!(app.database.holding(CANARY).await, ["messages"]);
        match way {
            "edit" => _ = ana.patch(&chat.path_of(&said), json!({ "content": "harmless" })).await.expect(200),
            _ => _ = ana.delete(&chat.path_of(&said)).await.expect(204),
        }
        ben.delete(&chat.path_of(&reply)).await.expect(204);
        assert_eq!(app.database.holding(CANARY).await, [""; 0], "{way}");
        let told = json!([chat.events(&ben).await, ben.get(&chat.path("messages")).await.body]).to_string();
        assert!(!told.contains(CANARY), "{way}: {told}");
    }
    assert_eq!(app.database.number(fingerprints).await, 0, "a short text can be guessed from its hash");
}
