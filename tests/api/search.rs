//! Finding what was said.

use serde_json::{Value, json};

use crate::support::{Answer, Chat, TestApp, User, eventually};

async fn search(asker: &User, query: &str) -> Answer {
    let encoded: String = query.bytes().map(|byte| format!("%{byte:02X}")).collect();
    asker.get(&format!("/messages/search?query={encoded}")).await
}

async fn found(asker: &User, query: &str) -> Vec<String> {
    let items = search(asker, query).await.expect(200);
    items.items().iter().map(|message| message["content"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn words_are_found_by_how_they_begin_in_conversations_of_mine() {
    let app = TestApp::start().await;
    let [ana, ben, cleo] = [app.user("ana").await, app.user("ben").await, app.user("cleo").await];
    let (ours, theirs) = (Chat::group(&[&ana, &ben]).await, Chat::group(&[&ben, &cleo]).await);
    let texts = [
        "Soup, and soup again.",
        "Süppchen für alle",
        "see a.soup-kitchen@example.com",
        "Supper?",
        "42 rooks",
    ];
    for text in texts {
        ours.send(&ana, text).await;
        app.outside.clock.advance(chrono::TimeDelta::seconds(1));
    }
    theirs.send(&cleo, "secret soup").await;
    assert_eq!(found(&ana, "soup").await, [texts[2], texts[0]], "newest first");
    assert_eq!(found(&ben, "SOUP").await, ["secret soup", texts[2], texts[0]]);
    assert_eq!(found(&ana, "agai sou").await, [texts[0]]);
    assert_eq!(found(&ana, "süpp").await, [texts[1]]);
    assert_eq!(found(&ana, "example.com").await, [texts[2]]);
    assert_eq!(found(&ana, "4").await, [texts[4]]);
    assert_eq!(found(&ana, "oup").await, [""; 0]);
    let within = |id: &str| format!("/messages/search?query=soup&conversationId={id}");
    assert_eq!(ben.get(&within(&theirs.id)).await.expect(200).items().len(), 1);
    assert_eq!(ana.get(&within(&theirs.id)).await.expect(200).items().len(), 0, "it is none of hers");

    ana.delete(&ours.path(&format!("members/{}", ana.id))).await.expect(204);
    assert_eq!(found(&ana, "soup").await, [""; 0]);
}

#[tokio::test]
async fn pages_go_on_where_they_ended() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    // All of one moment: the clock stands still.
    for n in 0..5 {
        chat.send(&ana, &format!("soup {n}")).await;
    }
    let (mut all, mut path): (Vec<Value>, _) = (Vec::new(), "/messages/search?query=soup&limit=2".to_owned());
    loop {
        let page = ben.get(&path).await.expect(200);
        all.extend(page.items().iter().map(|message| message["seq"].clone()));
        let Some(cursor) = page.body.get("nextCursor").and_then(Value::as_str) else { break };
        path = format!("/messages/search?query=soup&limit=2&cursor={cursor}");
    }
    assert_eq!(all, [5, 4, 3, 2, 1].map(|seq| json!(seq)));
    ben.get("/messages/search?query=soup&cursor=nonsense").await.problem("E_CURSOR_INVALID", 422);
}

#[tokio::test]
async fn no_text_is_an_error() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    chat.send(&ana, "soup").await;
    let texts = [
        "'",
        "\"",
        "''\"\"",
        "soup'",
        "soup:*",
        "!soup",
        "soup & | !",
        "(soup",
        "soup)",
        "\\",
        "%",
        "_",
        "*",
        "NEAR(soup)",
        "soup AND",
        "content:soup",
        "^soup",
        "-soup",
        "$1",
        "; DROP TABLE messages",
        "🐦",
        "汤",
        "ß",
        "İ",
        "a\u{301}",
        "\u{200d}",
        " ",
        "<->",
        "soup <2> soup",
    ];
    for text in texts {
        search(&ben, text).await.expect(200);
    }
    assert_eq!(found(&ben, "(soup").await, ["soup"]);
    search(&ben, &"x".repeat(101)).await.invalid(&[("?query", "invalid")]);
    ben.get("/messages/search").await.invalid(&[("?query", "invalid")]);
}

#[tokio::test]
async fn what_the_blocked_say_is_not_found() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    chat.send(&ana, "soup").await;
    ben.put(&format!("/users/{}/block", ana.id), json!({})).await.expect(204);
    assert_eq!(found(&ben, "soup").await, [""; 0]);
    assert_eq!(found(&ana, "soup").await, ["soup"]);
}

#[tokio::test]
async fn what_is_gone_is_gone_from_the_index_too() {
    let app = TestApp::start().await;
    let (chat, ana, _) = Chat::direct(&app).await;
    let [edited, deleted] = [chat.send(&ana, "zebracanary").await, chat.send(&ana, "zebrafinch").await];
    let mut passing = Chat::message("zebradove");
    passing["expiresInSecs"] = json!(60);
    ana.post(&chat.path("messages"), passing).await.expect(201);
    assert_eq!(found(&ana, "zebra").await, ["zebradove", "zebrafinch", "zebracanary"]);
    ana.patch(&chat.path_of(&edited), json!({ "content": "nothing" })).await.expect(200);
    assert_eq!((found(&ana, "zebracan").await, found(&ana, "nothing").await.len()), (vec![], 1));
    ana.delete(&chat.path_of(&deleted)).await.expect(204);
    assert_eq!(found(&ana, "zebra").await, ["zebradove"]);
    app.outside.clock.advance(chrono::TimeDelta::seconds(60));
    assert_eq!(found(&ana, "zebra").await, [""; 0], "swept or not");
    eventually(async || {
        chat.events(&ana).await.iter().find(|event| event["kind"] == "messageExpired").cloned()
    })
    .await;
    if app.database.file().is_some() {
        let left = "SELECT count(*) FROM message_words_data WHERE instr(block, CAST('zebra' AS blob)) > 0";
        assert_eq!(app.database.number(left).await, 0, "the index holds none of it");
    }
    app.database.execute("DELETE FROM messages").await;
    assert_eq!(found(&ana, "nothing").await, [""; 0]);
}

#[tokio::test]
async fn what_is_found_is_what_is_read() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let first = chat.send(&ana, "soup").await;
    let mut reply = Chat::message("stew");
    reply["replyTo"] = first["id"].clone();
    ana.post(&chat.path("messages"), reply).await.expect(201);
    ben.put(&format!("{}/reactions/%F0%9F%91%8D", chat.path_of(&first)), json!({})).await.expect(200);
    let read = ben.get(&chat.path("messages")).await.expect(200);
    assert_eq!(search(&ben, "stew").await.expect(200).items()[0], read.items()[0]);
    assert_eq!(search(&ben, "soup").await.expect(200).items()[0], read.items()[1]);
    ben.delete(&format!("{}?forEveryone=false", chat.path_of(&first))).await.expect(204);
    assert_eq!((found(&ben, "soup").await, found(&ana, "soup").await), (vec![], vec!["soup".to_owned()]));
}
