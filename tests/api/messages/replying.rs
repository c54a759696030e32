use serde_json::{Value, json};

use crate::support::{Chat, TestApp, User, queries_of};

async fn reply(chat: &Chat, sender: &User, to: &Value, content: &str) -> Value {
    let mut message = Chat::message(content);
    message["replyTo"] = to["id"].clone();
    sender.post(&chat.path("messages"), message).await.expect(201).body
}

#[tokio::test]
async fn a_reply_shows_how_what_it_replies_to_begins() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let mut reader = ben.socket().await;
    chat.join(&reader, None).await;
    let long = chat.send(&ana, &format!("{}🪺{}", "ü".repeat(139), "x".repeat(500))).await;
    assert_eq!(long["replied"], json!(null));
    let sent = reply(&chat, &ben, &long, "so long!").await;
    let shown = json!({
        "id": long["id"], "senderId": ana.id, "content": format!("{}🪺", "ü".repeat(139)), "deletedAt": null,
    });
    assert_eq!((&sent["replyTo"], &sent["replied"]), (&long["id"], &shown));
    reader.next("receiveMessage").await;
    assert_eq!(reader.next("receiveMessage").await, sent, "what is pushed is what is read");
    assert_eq!(chat.events(&ana).await[1]["message"], sent);
    assert_eq!(ana.get(&chat.path("messages?limit=1")).await.items()[0], sent);
    // Sent again it is the same.
    let again = json!({ "messageId": sent["id"], "content": "so long!", "replyTo": long["id"] });
    assert_eq!(ben.post(&chat.path("messages"), again).await.expect(200).body, sent);
}

#[tokio::test]
async fn what_is_replied_to_says_what_it_says_now() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let first = chat.send(&ana, "soup").await;
    let sent = reply(&chat, &ben, &first, "which?").await;
    let shown = async || ana.get(&chat.path_of(&sent)).await.expect(200).body["replied"].clone();
    ana.patch(&chat.path_of(&first), json!({ "content": "stew" })).await.expect(200);
    assert_eq!(shown().await["content"], "stew");
    ana.delete(&chat.path_of(&first)).await.expect(204);
    let left = shown().await;
    assert_eq!((&left["content"], &left["id"]), (&json!(""), &first["id"]));
    assert!(left["deletedAt"].is_string());
    // One may reply to what is gone: it was there when they wrote.
    assert_eq!(reply(&chat, &ben, &first, "what was it?").await["replied"], left);
}

/// Every answer in which Ana gets what Ben replied to the first message, or what she did.
async fn answers(chat: &Chat, ana: &User, first: &Value) -> Vec<Value> {
    let socket = ana.socket().await;
    let asked =
        async |event: &str, payload: Value| socket.call(event, payload).await.unwrap()["message"].clone();
    let mut new = Chat::message("stew?");
    new["replyTo"] = first["id"].clone();
    let sent = asked("sendMessage", chat.payload(&new)).await;
    let (path, thumb) = (chat.path_of(&sent), json!({ "emoji": "👍", "on": true }));
    vec![
        sent.clone(),
        asked("sendMessage", chat.payload(&new)).await,
        asked("editMessage", chat.about(&sent, json!({ "content": "soup?" }))).await,
        asked("react", chat.about(&sent, thumb.clone())).await,
        asked("react", chat.about(&sent, thumb)).await,
        reply(chat, ana, first, "and you?").await,
        ana.patch(&path, json!({ "content": "hm?" })).await.expect(200).body,
        ana.patch(&path, json!({ "content": "hm?" })).await.expect(200).body,
        ana.put(&format!("{path}/reactions/%F0%9F%91%8D"), json!({})).await.expect(200).body,
        ana.get(&path).await.expect(200).body,
        ana.get(&chat.path("messages")).await.items()[0].clone(),
        chat.events(ana).await.last().unwrap()["message"].clone(),
        ana.get("/messages/search?query=hm").await.items()[0].clone(),
    ]
}

fn quotes(answers: &[Value], first: &Value) -> Vec<bool> {
    answers.iter().for_each(|answer| assert_eq!(answer["replyTo"], first["id"], "{answer}"));
    answers.iter().map(|answer| answer["replied"] != json!(null)).collect()
}

#[tokio::test]
async fn nothing_quotes_to_me_whom_i_have_blocked() {
    let app = TestApp::start().await;
    let [ana, ben, cleo] = [app.user("ana").await, app.user("ben").await, app.user("cleo").await];
    let chat = Chat::group(&[&ana, &ben, &cleo]).await;
    let first = chat.send(&ben, "soup").await;
    assert_eq!(quotes(&answers(&chat, &ana, &first).await, &first), [true; 13]);
    ana.put(&format!("/users/{}/block", ben.id), json!({})).await.expect(204);
    let mut reader = cleo.socket().await;
    chat.join(&reader, None).await;
    assert_eq!(quotes(&answers(&chat, &ana, &first).await, &first), [false; 13]);
    assert_eq!(reader.next("receiveMessage").await["replied"]["content"], "soup", "others get it");
    assert_eq!(reader.next("messageEdited").await["message"]["replied"]["content"], "soup");
}

#[tokio::test]
async fn nothing_quotes_to_me_what_i_have_deleted_for_myself() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let first = chat.send(&ben, "soup").await;
    ana.delete(&format!("{}?forEveryone=false", chat.path_of(&first))).await.expect(204);
    let mut reader = ben.socket().await;
    chat.join(&reader, None).await;
    assert_eq!(quotes(&answers(&chat, &ana, &first).await, &first), [false; 13]);
    assert_eq!(reader.next("receiveMessage").await["replied"]["content"], "soup", "others get it");
}

#[tokio::test]
async fn a_page_of_replies_is_one_query() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let mut last = chat.send(&ana, "0").await;
    for n in 1..10 {
        last = reply(&chat, &ana, &last, &n.to_string()).await;
    }
    for page in ["messages", "events"] {
        let read = ben.get(&chat.path(page)).await.expect(200);
        assert_eq!(read.items().len(), 10);
        assert_eq!(queries_of(&ben, &chat.path(page)).await, 1.0, "one query a page of {page}");
    }
}
