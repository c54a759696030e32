use serde_json::{Value, json};

use crate::support::{Answer, Chat, TestApp, User, in_parallel, queries_of, seqs};

async fn react(chat: &Chat, user: &User, message: &Value, emoji: &str) -> Answer {
    user.put(&at(chat, message, emoji), json!({})).await
}

fn at(chat: &Chat, message: &Value, emoji: &str) -> String {
    format!("{}/reactions/{emoji}", chat.path_of(message))
}

#[tokio::test]
async fn a_reaction_is_an_event_and_counts_at_the_message() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let mut reader = ana.socket().await;
    chat.join(&reader, None).await;
    let message = chat.send(&ana, "soup").await;
    let shown = react(&chat, &ben, &message, "👍").await.expect(200).body;
    assert_eq!((&shown["reactions"], &shown["myReactions"]), (&json!({ "👍": 1 }), &json!(["👍"])));
    react(&chat, &ana, &message, "👍").await.expect(200);
    react(&chat, &ana, &message, "🪺").await.expect(200);

    let pushed = reader.next("reactionChanged").await;
    let members =
        ["seq", "messageId", "userId", "emoji", "on", "reactions"].map(|member| pushed[member].clone());
    let wanted =
        [json!(2), message["id"].clone(), json!(ben.id), json!("👍"), json!(true), json!({ "👍": 1 })];
    assert_eq!(members, wanted);
    assert_eq!(reader.next("reactionChanged").await["reactions"], json!({ "👍": 2 }));
    assert_eq!(reader.next("reactionChanged").await["reactions"], json!({ "👍": 2, "🪺": 1 }));
    for (reader, mine) in [(&ana, json!(["👍", "🪺"])), (&ben, json!(["👍"]))] {
        let read = &reader.get(&chat.path("messages")).await.items()[0].clone();
        assert_eq!((&read["reactions"], &read["myReactions"]), (&json!({ "👍": 2, "🪺": 1 }), &mine));
        let events = chat.events(reader).await;
        assert_eq!(seqs(&events), [1, 2, 3, 4]);
        assert_eq!(events[0]["message"], *read);
        let reaction = &events[1]["reaction"];
        assert_eq!((&reaction["userId"], &reaction["on"]), (&json!(ben.id), &json!(true)));
        assert_eq!(reaction["reactions"], read["reactions"], "as it is now");
    }
}

#[tokio::test]
async fn the_same_reaction_again_takes_no_number() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let socket = ben.socket().await;
    let message = chat.send(&ana, "soup").await;
    let say = async |emoji: &str, on: bool| {
        let payload = chat.about(&message, json!({ "emoji": emoji, "on": on }));
        socket.call("react", payload).await.unwrap()["message"]["reactions"].clone()
    };
    assert_eq!(say("❤️", false).await, json!({}), "there was none to take back");
    assert_eq!(say("❤", true).await, json!({ "❤️": 1 }));
    assert_eq!(say("❤️", true).await, json!({ "❤️": 1 }), "both mean the picture");
    react(&chat, &ben, &message, "❤️").await.expect(200);
    assert_eq!(seqs(&chat.events(&ana).await), [1, 2]);
    let back = ben.delete(&at(&chat, &message, "❤️")).await.expect(200);
    assert_eq!((&back.body["reactions"], &back.body["myReactions"]), (&json!({}), &Value::Null));
    ben.delete(&at(&chat, &message, "❤️")).await.expect(200);
    let events = chat.events(&ana).await;
    assert_eq!(seqs(&events), [1, 2, 3]);
    // What has changed again since tells nothing any more; the last change tells how it is.
    assert_eq!((&events[1]["kind"], &events[1]["reaction"]), (&json!("hidden"), &Value::Null));
    assert_eq!(
        (&events[2]["reaction"]["emoji"], &events[2]["reaction"]["on"]),
        (&json!("❤️"), &json!(false))
    );
}

#[tokio::test]
async fn one_emoji_it_must_be_and_only_so_many_different_ones() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let message = chat.send(&ana, "soup").await;
    for wrong in ["a", "%F0%9F%91%8D%F0%9F%91%8D", "1", "%20"] {
        react(&chat, &ben, &message, wrong).await.problem("E_NOT_FOUND", 404);
    }
    let socket = ben.socket().await;
    let wrong = socket.call("react", chat.about(&message, json!({ "emoji": "no", "on": true }))).await;
    let error = &wrong.unwrap_err()["errors"][0];
    assert_eq!((&error["pointer"], &error["code"]), (&json!("/emoji"), &json!("format")));
    let emoji: Vec<char> = ('🌀'..).take(21).collect();
    for each in &emoji[..20] {
        react(&chat, &ben, &message, &each.to_string()).await.expect(200);
    }
    react(&chat, &ben, &message, &emoji[20].to_string()).await.problem("E_TOO_MANY_EMOJI", 409);
    react(&chat, &ana, &message, &emoji[7].to_string()).await.expect(200);
    assert_eq!(chat.events(&ana).await.len(), 22);
}

#[tokio::test]
async fn everybody_at_once_is_counted() {
    let app = TestApp::start().await;
    let mut people = Vec::new();
    for n in 0..8 {
        people.push(app.user(&format!("friend{n}")).await);
    }
    let chat = Chat::group(&people.iter().collect::<Vec<_>>()).await;
    let message = chat.send(&people[0], "soup").await;
    let path = at(&chat, &message, "👍");
    let answers = in_parallel(24, |n| {
        let (user, path) = (people[n % 8].clone(), path.clone());
        async move { user.put(&path, json!({})).await }
    })
    .await;
    answers.into_iter().for_each(|answer| _ = answer.expect(200));
    let read = people[3].get(&chat.path_of(&message)).await.expect(200).body;
    assert_eq!((&read["reactions"], &read["myReactions"]), (&json!({ "👍": 8 }), &json!(["👍"])));
    assert_eq!(seqs(&chat.events(&people[1]).await), (1..=9).collect::<Vec<_>>());
}

#[tokio::test]
async fn reactions_go_with_their_message_and_are_read_with_its_page() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let mut messages = Vec::new();
    for n in 0..5 {
        let message = chat.send(&ana, &n.to_string()).await;
        react(&chat, &ben, &message, "👍").await.expect(200);
        messages.push(message);
    }
    for page in ["messages", "events"] {
        assert_eq!(queries_of(&ben, &chat.path(page)).await, 1.0, "one query a page of {page}");
    }
    ana.delete(&chat.path_of(&messages[0])).await.expect(204);
    assert_eq!(app.database.number("SELECT count(*) FROM message_reactions").await, 4);
    let events = chat.events(&ben).await;
    assert_eq!(events[1]["kind"], "hidden");
    assert_eq!(
        (&events[0]["message"]["reactions"], &events[0]["message"]["myReactions"]),
        (&json!({}), &Value::Null)
    );
    react(&chat, &ben, &messages[0], "👍").await.problem("E_MESSAGE_GONE", 409);
    ben.delete(&at(&chat, &messages[0], "👍")).await.expect(200);
    // An edit is of what is said; a reaction that came in between doesn't stand in its way.
    let path = chat.path_of(&messages[1]);
    let seen = ana.get(&path).await.header("etag").unwrap().to_owned();
    react(&chat, &ana, &messages[1], "🪺").await.expect(200);
    let edit = json!({ "content": "stew" });
    let edited = ana.with("if-match", &seen).patch(&path, edit).await.expect(200).body;
    assert_eq!(
        (&edited["reactions"], &edited["myReactions"]),
        (&json!({ "👍": 1, "🪺": 1 }), &json!(["🪺"]))
    );
}
