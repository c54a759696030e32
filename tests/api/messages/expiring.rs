use chrono::TimeDelta;
use serde_json::{Value, json};

use super::for_a_day;
use crate::support::{Chat, TestApp, User, seqs};

async fn send(chat: &Chat, sender: &User, content: &str, secs: u32) -> Value {
    let mut message = Chat::message(content);
    message["expiresInSecs"] = json!(secs);
    sender.post(&chat.path("messages"), message).await.expect(201).body
}

#[tokio::test]
async fn what_has_expired_leaves_its_place_and_an_event_says_so() {
    let app = for_a_day().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let mut reader = ben.socket().await;
    chat.join(&reader, None).await;
    let short = send(&chat, &ana, "canary-77b1", 60).await;
    let long = send(&chat, &ana, "later", 3600).await;
    assert!(short["expiresAt"].as_str() > short["createdAt"].as_str());
    let reaction = format!("{}/reactions/👍", chat.path_of(&short));
    ben.put(&reaction, json!({})).await.expect(200);
    assert_eq!(reader.next("receiveMessage").await, short);
    app.outside.clock.advance(TimeDelta::seconds(60));
    // Swept or not: nothing of it is shown from its moment on.
    let left = ben.get(&chat.path_of(&short)).await.expect(200).body;
    assert_eq!((&left["content"], &left["reactions"]), (&json!(""), &json!({})));
    assert_eq!((&left["deletedAt"], &left["expiresAt"]), (&short["expiresAt"], &short["expiresAt"]));

    let pushed = reader.next("messageExpired").await;
    assert_eq!((&pushed["seq"], &pushed["actorId"], &pushed["message"]), (&json!(4), &Value::Null, &left));
    assert_eq!(app.database.holding("canary-77b1").await, [""; 0]);
    assert_eq!(app.database.number("SELECT count(*) FROM message_reactions").await, 0);
    let events = chat.events(&ben).await;
    assert_eq!(seqs(&events), [1, 2, 3, 4]);
    assert_eq!((&events[3]["kind"], &events[3]["message"]), (&json!("messageExpired"), &left));
    assert_eq!((&events[0]["message"], &events[2]["kind"]), (&left, &json!("hidden")));
    assert_eq!(ben.get(&chat.path_of(&long)).await.expect(200).body, long);

    ana.patch(&chat.path_of(&short), json!({ "content": "x" })).await.problem("E_MESSAGE_GONE", 409);
    ben.put(&reaction, json!({})).await.problem("E_MESSAGE_GONE", 409);
    ana.delete(&chat.path_of(&short)).await.expect(204);
    assert_eq!(chat.events(&ben).await.len(), 4, "it was gone already");
}

#[tokio::test]
async fn the_time_is_part_of_what_was_sent_and_has_its_bounds() {
    let app = TestApp::start().await;
    let (chat, ana, _) = Chat::direct(&app).await;
    let path = chat.path("messages");
    let mut message = Chat::message("soup");
    for (secs, code) in [(json!(0), "too_small"), (json!(31_536_001), "too_large")] {
        message["expiresInSecs"] = secs;
        ana.post(&path, message.clone()).await.invalid(&[("/expiresInSecs", code)]);
    }
    message["expiresInSecs"] = json!(60);
    let sent = ana.post(&path, message.clone()).await.expect(201).body;
    assert_eq!(ana.post(&path, message.clone()).await.expect(200).body, sent);
    message["expiresInSecs"] = json!(61);
    ana.post(&path, message.clone()).await.problem("E_MESSAGE_ID_TAKEN", 409);
    let over_socket = ana.socket().await.call("sendMessage", chat.payload(&message)).await.unwrap_err();
    assert_eq!(over_socket["code"], "E_MESSAGE_ID_TAKEN");
}

#[tokio::test]
async fn two_nodes_sweep_what_expires_once() {
    let app = for_a_day().await;
    let other = TestApp::second_node(&app).await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let mut reader = ben.on(&other).socket().await;
    chat.join(&reader, None).await;
    for n in 0..150 {
        send(&chat, &ana, &n.to_string(), 60).await;
    }
    app.outside.clock.advance(TimeDelta::minutes(2));
    for seq in 151..=300 {
        assert_eq!(reader.next("messageExpired").await["seq"], seq);
    }
    assert_eq!(seqs(&chat.events(&ben).await), (1..=300).collect::<Vec<_>>());
}
