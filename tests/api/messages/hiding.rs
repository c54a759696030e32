use serde_json::{Value, json};

use crate::support::{Chat, TestApp, seqs};

#[tokio::test]
async fn what_i_delete_for_myself_is_gone_for_me_alone() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let mut messages = Vec::new();
    for n in 1..=3 {
        messages.push(chat.send(&ana, &format!("canary {n}")).await);
    }
    let hidden = &messages[1];
    let path = format!("{}?forEveryone=false", chat.path_of(hidden));
    ben.delete(&path).await.expect(204);
    ben.delete(&path).await.expect(204);
    ana.patch(&chat.path_of(hidden), json!({ "content": "canary 2, mended" })).await.expect(200);
    ana.put(&format!("{}/reactions/👍", chat.path_of(hidden)), json!({})).await.expect(200);

    assert_eq!(seqs(ben.get(&chat.path("messages")).await.items()), [3, 1]);
    ben.get(&chat.path_of(hidden)).await.problem("E_NOT_FOUND", 404);
    let events = chat.events(&ben).await;
    assert_eq!(seqs(&events), [1, 2, 3, 4, 5], "no reader meets a gap");
    for at in [1, 3, 4] {
        let members: Vec<&str> = events[at].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!((&events[at]["kind"], members), (&json!("hidden"), vec!["seq", "kind", "at"]));
    }
    let told = Value::from(events).to_string();
    assert!(!told.contains("canary 2"), "{told}");
    assert_eq!(chat.join(&ben.socket().await, Some(0)).await["events"].to_string(), told);

    assert_eq!(seqs(ana.get(&chat.path("messages")).await.items()), [3, 2, 1]);
    assert!(chat.events(&ana).await.iter().all(|event| event["kind"] != "hidden"));
    // It isn't mine to change any more.
    ben.put(&format!("{}/reactions/👍", chat.path_of(hidden)), json!({})).await.problem("E_NOT_FOUND", 404);
}

#[tokio::test]
async fn every_member_may_and_nobody_else() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let (of_ana, of_ben) = (chat.send(&ana, "soup").await, chat.send(&ben, "stew").await);
    let eve = app.user("eve").await;
    let for_me = |message: &Value| format!("{}?forEveryone=false", chat.path_of(message));
    eve.delete(&for_me(&of_ana)).await.problem("E_NOT_FOUND", 404);
    let nowhere = chat.path("messages/01980a1e-7c00-7000-8000-000000000005?forEveryone=false");
    ana.delete(&nowhere).await.problem("E_NOT_FOUND", 404);
    let socket = ana.socket().await;
    let payload = chat.about(&of_ben, json!({ "forEveryone": false }));
    socket.call("deleteMessage", payload).await.unwrap();
    ana.delete(&for_me(&of_ana)).await.expect(204);
    assert_eq!(ana.get(&chat.path("messages")).await.items(), [Value::Null; 0]);
    assert_eq!(ben.get(&chat.path("messages")).await.items(), [of_ben, of_ana]);
    // What is deleted for everyone first can be put out of sight, too.
    let gone = chat.send(&ana, "broth").await;
    ana.delete(&chat.path_of(&gone)).await.expect(204);
    ana.delete(&for_me(&gone)).await.expect(204);
    assert_eq!(ana.get(&chat.path("messages")).await.items(), [Value::Null; 0]);
}

#[tokio::test]
async fn hiding_it_on_many_devices_at_once_is_one_event_in_my_own_stream() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let message = chat.send(&ana, "soup").await;
    let path = format!("{}?forEveryone=false", chat.path_of(&message));
    let answers = crate::support::in_parallel(10, |_| {
        let (ben, path) = (ben.clone(), path.clone());
        async move { ben.delete(&path).await }
    })
    .await;
    answers.into_iter().for_each(|answer| _ = answer.expect(204));
    let noted = "SELECT count(*) FROM stream_events e JOIN hidden_messages h ON h.id = e.subject_id \
         AND h.user_id = e.stream_id WHERE e.kind = 'messageHidden'";
    assert_eq!(app.database.number(noted).await, 1);
}

#[tokio::test]
async fn my_other_devices_learn_of_it_and_nobody_else() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let message = chat.send(&ana, "soup").await;
    let (first, mut second, mut other) = (ben.socket().await, ben.socket().await, ana.socket().await);
    let payload = chat.about(&message, json!({ "forEveryone": false }));
    first.call("deleteMessage", payload).await.unwrap();
    let told = second.next("messageHidden").await;
    assert_eq!((&told["conversationId"], &told["messageId"]), (&json!(chat.id), &message["id"]));
    let mine = ben.get("/users/me/events").await.expect(200);
    assert_eq!(mine.items().last().unwrap()["kind"], "messageHidden");
    chat.join(&other, None).await;
    assert!(other.events().into_iter().all(|(name, _)| name != "messageHidden"));
}
