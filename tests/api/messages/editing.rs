use chrono::TimeDelta;
use serde_json::{Value, json};

use super::for_a_day;
use crate::support::{Chat, TestApp, in_parallel, seqs};

fn content(text: &str) -> Value {
    json!({ "content": text })
}

#[tokio::test]
async fn an_edit_is_an_event_of_its_own_and_the_message_keeps_its_place() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let mut reader = ben.socket().await;
    chat.join(&reader, None).await;
    let first = chat.send(&ana, "soup").await;
    chat.send(&ben, "which?").await;
    app.outside.clock.advance(TimeDelta::seconds(1));
    let edited = ana.patch(&chat.path_of(&first), content("stew")).await.expect(200).body;
    assert_eq!((&edited["content"], &edited["seq"]), (&json!("stew"), &json!(1)));
    assert!(edited["editedAt"].as_str() > edited["createdAt"].as_str());

    let pushed = reader.next("messageEdited").await;
    assert_eq!((&pushed["seq"], &pushed["conversationId"]), (&json!(3), &json!(chat.id)));
    assert_eq!((&pushed["actorId"], &pushed["message"]), (&json!(ana.id), &edited));
    let events = chat.events(&ben).await;
    assert_eq!(seqs(&events), [1, 2, 3]);
    assert_eq!((&events[2]["kind"], &events[2]["at"]), (&json!("messageEdited"), &pushed["at"]));
    for at in [0, 2] {
        assert_eq!(events[at]["message"], edited, "wherever it is replayed, it says what it says now");
    }
    assert_eq!(ben.get(&chat.path_of(&first)).await.expect(200).body, edited);
    assert_eq!(ben.get(&chat.path("messages")).await.items()[1], edited);
}

#[tokio::test]
async fn the_same_edit_again_takes_no_number_and_tells_nobody() {
    let app = for_a_day().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let (socket, mut reader) = (ana.socket().await, ben.socket().await);
    chat.join(&reader, None).await;
    let message = chat.send(&ana, "soup").await;
    let edit = chat.about(&message, content("stew"));
    let first = socket.call("editMessage", edit.clone()).await.unwrap()["message"].clone();
    let again = socket.call("editMessage", edit).await.unwrap()["message"].clone();
    let over_rest = ana.patch(&chat.path_of(&message), content("stew")).await.expect(200).body;
    assert_eq!((&again, &over_rest), (&first, &first));
    // However late: it is done already.
    app.outside.clock.advance(TimeDelta::hours(1));
    ana.patch(&chat.path_of(&message), content("stew")).await.expect(200);
    assert_eq!(chat.send(&ana, "there").await["seq"], 3);
    assert_eq!(reader.next("receiveMessage").await["seq"], 1);
    assert_eq!(reader.next("messageEdited").await["seq"], 2);
    assert_eq!(reader.next("receiveMessage").await["seq"], 3);
}

#[tokio::test]
async fn only_its_sender_may_and_only_for_a_while() {
    let app = for_a_day().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let message = chat.send(&ana, "soup").await;
    let path = chat.path_of(&message);
    ben.patch(&path, content("mine")).await.problem("E_NOT_THE_SENDER", 403);
    app.outside.clock.advance(TimeDelta::minutes(15));
    ana.patch(&path, content("in time")).await.expect(200);
    app.outside.clock.advance(TimeDelta::milliseconds(1));
    ana.patch(&path, content("late")).await.problem("E_TOO_LATE_TO_EDIT", 409);
    let socket = ana.socket().await;
    let late = socket.call("editMessage", chat.about(&message, content("late"))).await.unwrap_err();
    assert_eq!(late["code"], "E_TOO_LATE_TO_EDIT");
    let nowhere = chat.path("messages/01980a1e-7c00-7000-8000-000000000005");
    ana.patch(&nowhere, content("x")).await.problem("E_NOT_FOUND", 404);
    ana.get(&nowhere).await.problem("E_NOT_FOUND", 404);
    assert_eq!(chat.events(&ana).await.len(), 2, "what was refused has taken no number");
    assert_eq!(ben.get(&path).await.expect(200).body["content"], "in time");
}

#[tokio::test]
async fn where_editing_is_switched_off_nobody_edits() {
    let app = TestApp::with(|settings| _ = settings.set("MESSAGE_EDIT_MINUTES", 0)).await;
    let (chat, ana, _) = Chat::direct(&app).await;
    let message = chat.send(&ana, "soup").await;
    ana.patch(&chat.path_of(&message), content("stew")).await.problem("E_TOO_LATE_TO_EDIT", 409);
    ana.patch(&chat.path_of(&message), content("soup")).await.expect(200);
}

#[tokio::test]
async fn an_edit_is_checked_like_a_new_message() {
    let app = TestApp::start().await;
    let (chat, ana, _) = Chat::direct(&app).await;
    let message = chat.send(&ana, "soup").await;
    let path = chat.path_of(&message);
    ana.patch(&path, content(&"x".repeat(10_001))).await.invalid(&[("/content", "too_long")]);
    ana.patch(&path, content(" ")).await.invalid(&[("/content", "blank")]);
    ana.patch(&path, json!({})).await.invalid(&[("/content", "required")]);
    let more = json!({ "content": "x", "seq": 7 });
    ana.patch(&path, more).await.invalid(&[("/seq", "unknown_field")]);
    let socket = ana.socket().await;
    let problem = socket.call("editMessage", chat.about(&message, content(""))).await.unwrap_err();
    assert_eq!(problem["code"], "E_INVALID");
    assert_eq!(ana.get(&path).await.expect(200).body, message);
}

#[tokio::test]
async fn a_stale_tab_does_not_edit_what_it_has_not_seen() {
    let app = TestApp::start().await;
    let (chat, ana, _) = Chat::direct(&app).await;
    let path = chat.path_of(&chat.send(&ana, "soup").await);
    let seen = ana.get(&path).await.expect(200).header("etag").unwrap().to_owned();
    assert!(seen.starts_with("\"1-"));
    let answers = in_parallel(10, |number| {
        let (client, path) = (ana.with("if-match", &seen), path.clone());
        async move { client.patch(&path, content(&format!("edit {number}"))).await }
    })
    .await;
    let (done, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((done.len(), refused.len()), (1, 9));
    for answer in refused {
        answer.problem("E_EDITED_MEANWHILE", 412);
    }
    let now = ana.get(&path).await.expect(200);
    assert_eq!((now.header("etag"), &now.body), (done[0].header("etag"), &done[0].body));
    ana.with("if-match", &seen).delete(&path).await.problem("E_EDITED_MEANWHILE", 412);
    ana.with("if-match", "nonsense").patch(&path, content("x")).await.problem("E_HEADER_INVALID", 400);
    ana.with("if-match", now.header("etag").unwrap()).delete(&path).await.expect(204);
}

#[tokio::test]
async fn many_edits_at_once_leave_no_gap_and_the_last_one_stays() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let path = chat.path_of(&chat.send(&ana, "soup").await);
    let mut reader = ben.socket().await;
    chat.join(&reader, None).await;
    in_parallel(20, |number| {
        let (ana, path) = (ana.clone(), path.clone());
        async move { ana.patch(&path, content(&number.to_string())).await.expect(200) }
    })
    .await;
    let mut last = json!(null);
    for seq in 2..=21 {
        let pushed = reader.next("messageEdited").await;
        assert_eq!(pushed["seq"], seq);
        last = pushed["message"].clone();
    }
    assert_eq!(ben.get(&path).await.expect(200).body, last);
    assert_eq!(seqs(&chat.events(&ben).await), (1..=21).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_edit_moves_no_conversation_to_the_front() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let (old, new) = (Chat::group(&[&ana, &ben]).await, Chat::group(&[&ana, &ben]).await);
    let message = old.send(&ana, "soup").await;
    app.outside.clock.advance(TimeDelta::seconds(1));
    new.send(&ana, "stew").await;
    app.outside.clock.advance(TimeDelta::seconds(1));
    ana.patch(&old.path_of(&message), content("broth")).await.expect(200);
    ana.delete(&old.path_of(&message)).await.expect(204);
    assert_eq!(ben.get("/conversations").await.each("id"), [new.id, old.id]);
}
