//! Conversations over REST: beginning, listing, reading.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Chat, TestApp, in_parallel, queries_of, seqs};

#[tokio::test]
async fn two_people_have_one_direct_conversation_whoever_begins() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let begun = ana.post("/conversations", json!({ "memberIds": [ben.id] })).await.expect(201);
    assert_eq!(
        begun.header("location"),
        Some(format!("/api/v1/conversations/{}", begun.text("id")).as_str())
    );
    assert_eq!((&begun.body["kind"], &begun.body["peer"]["id"]), (&json!("direct"), &json!(ben.id)));
    let answers = in_parallel(20, |n| {
        let (me, other) =
            if n % 2 == 0 { (ana.clone(), ben.id.clone()) } else { (ben.clone(), ana.id.clone()) };
        async move { me.post("/conversations", json!({ "memberIds": [other] })).await }
    })
    .await;
    for answer in answers {
        assert_eq!(answer.expect(200).text("id"), begun.text("id"));
    }
}

#[tokio::test]
async fn two_people_beginning_at_once_have_one_conversation() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let answers = in_parallel(20, |_| {
        let (ana, ben) = (ana.clone(), ben.id.clone());
        async move { ana.post("/conversations", json!({ "memberIds": [ben] })).await }
    })
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert!(answers.iter().all(|answer| answer.text("id") == answers[0].text("id")));
}

#[tokio::test]
async fn a_name_makes_it_a_group_and_groups_are_always_new() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let body = json!({ "memberIds": [ben.id, ana.id], "name": "plans" });
    let first = ana.post("/conversations", body.clone()).await.expect(201);
    let second = ana.post("/conversations", body).await.expect(201);
    assert_ne!(first.text("id"), second.text("id"));
    assert_eq!((&first.body["kind"], &first.body["memberCount"]), (&json!("group"), &json!(2)));
    assert_eq!((&first.body["name"], &first.body["role"]), (&json!("plans"), &json!("owner")));
    let members = ben.get(&format!("/conversations/{}/members", first.text("id"))).await.expect(200);
    let mut names: Vec<_> = members.items().iter().map(|member| member["user"]["username"].clone()).collect();
    names.sort_by_key(Value::to_string);
    assert_eq!(names, ["ana", "ben"]);
}

#[tokio::test]
async fn members_must_exist_and_be_somebody_else() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let begin = async |ids: Value| ana.post("/conversations", json!({ "memberIds": ids })).await;
    begin(json!([])).await.invalid(&[("/memberIds", "too_few")]);
    begin(json!([ana.id])).await.invalid(&[("/memberIds", "too_few")]);
    begin(json!([ben.id, Uuid::new_v4(), Uuid::new_v4()]))
        .await
        .invalid(&[("/memberIds/1", "no_such_user"), ("/memberIds/2", "no_such_user")]);
    begin(json!([ben.id, ben.id])).await.invalid(&[("/memberIds", "not_unique")]);
    begin(json!(["me"])).await.invalid(&[("/memberIds/0", "format")]);
    app.set_user("ben", "status", "suspended").await;
    begin(json!([ben.id])).await.invalid(&[("/memberIds/0", "no_such_user")]);
    assert_eq!(ana.get("/conversations").await.expect(200).items().len(), 0, "nothing was half-made");
}

#[tokio::test]
async fn one_idempotency_key_begins_one_group() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let keyed = ana.with("idempotency-key", "group-1");
    let body = json!({ "memberIds": [ben.id], "name": "plans" });
    let first = keyed.post("/conversations", body.clone()).await.expect(201);
    assert_eq!(keyed.post("/conversations", body).await.expect(200).text("id"), first.text("id"));
    let other = json!({ "memberIds": [ben.id], "name": "other plans" });
    keyed.post("/conversations", other).await.problem("E_IDEMPOTENCY_REUSED", 422);
    assert_eq!(ana.get("/conversations").await.expect(200).items().len(), 1);
}

#[tokio::test]
async fn my_conversations_come_by_latest_activity_in_one_query_a_page() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let mut chats = Vec::new();
    for n in 0..5 {
        let other = app.user(&format!("friend{n}")).await;
        chats.push(Chat::group(&[&ana, &other]).await);
    }
    app.outside.clock.advance(TimeDelta::seconds(1));
    chats[1].send(&ana, "wake up").await;
    let wanted: Vec<&str> = [1, 4, 3, 2, 0].iter().map(|n| chats[*n as usize].id.as_str()).collect();
    assert_eq!(queries_of(&ana, "/conversations?limit=3").await, 1.0, "one query a page");
    let first = ana.get("/conversations?limit=3").await.expect(200);
    let cursor = first.text("nextCursor");
    let second = ana.get(&format!("/conversations?limit=3&cursor={cursor}")).await.expect(200);
    assert_eq!([first.each("id"), second.each("id")].concat(), wanted);
    assert!(second.body.get("nextCursor").is_none());
    ana.get("/conversations?cursor=nonsense").await.problem("E_CURSOR_INVALID", 422);
    // Of our making, but for no moment that PostgreSQL knows, and with a character it doesn't.
    let forged = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let long_ago = forged(&format!("[\"-200000-01-01T00:00:00Z\",\"{}\"]", chats[0].id));
    ana.get(&format!("/conversations?cursor={long_ago}")).await.problem("E_CURSOR_INVALID", 422);
    let nul = forged("\"\\u0000\"");
    ana.get(&format!("/users?cursor={nul}")).await.problem("E_CURSOR_INVALID", 422);
}

#[tokio::test]
async fn history_is_paged_from_the_newest_and_stays_put_while_messages_come() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    for n in 1..=7 {
        chat.send(&ana, &n.to_string()).await;
    }
    let first = ben.get(&chat.path("messages?limit=3")).await.expect(200);
    assert_eq!(seqs(first.items()), [7, 6, 5]);
    chat.send(&ana, "8").await;
    let next = format!("messages?limit=3&cursor={}", first.text("nextCursor"));
    let second = ben.get(&chat.path(&next)).await.expect(200);
    assert_eq!(seqs(second.items()), [4, 3, 2]);
    let before = ben.get(&chat.path("messages?before=3")).await.expect(200);
    assert_eq!(seqs(before.items()), [2, 1]);
    assert!(before.body.get("nextCursor").is_none());
}

#[tokio::test]
async fn a_message_has_its_bounds() {
    let app = TestApp::start().await;
    let (chat, ana, _) = Chat::direct(&app).await;
    let path = chat.path("messages");
    let id = Uuid::new_v4();
    ana.post(&path, json!({})).await.invalid(&[("/messageId", "required"), ("/content", "required")]);
    ana.post(&path, json!({ "messageId": "1", "content": "", "type": "hologram", "colour": "red" }))
        .await
        .invalid(&[
            ("/messageId", "format"),
            ("/content", "too_short"),
            ("/content", "blank"),
            ("/type", "not_an_option"),
            ("/colour", "unknown_field"),
        ]);
    let long = "ü".repeat(10_001);
    ana.post(&path, json!({ "messageId": id, "content": long })).await.invalid(&[("/content", "too_long")]);
    let fits = json!({ "messageId": id, "content": "ü".repeat(10_000), "type": "text" });
    let stored = ana.post(&path, fits).await.expect(201);
    let reply = json!({ "messageId": Uuid::new_v4(), "content": "yes", "replyTo": stored.text("id") });
    assert_eq!(ana.post(&path, reply).await.expect(201).body["replyTo"], stored.body["id"]);
    ana.get(&chat.path("events?after=-1")).await.invalid(&[("?after", "invalid")]);
    ana.get(&chat.path("events?limit=101")).await.invalid(&[("?limit", "invalid")]);
}

#[tokio::test]
async fn the_documents_own_sql_finds_no_duplicates() {
    let app = TestApp::start().await;
    let (chat, ana, _) = Chat::direct(&app).await;
    let message = Chat::message("once");
    for _ in 0..3 {
        ana.post(&chat.path("messages"), message.clone()).await;
    }
    let duplicates = "DELETE FROM messages WHERE (conversation_id, message_id) IN \
         (SELECT conversation_id, message_id FROM messages GROUP BY conversation_id, message_id HAVING count(*) > 1)";
    assert_eq!(app.database.execute(duplicates).await, 0);
}
