//! R5 to R7: what was missed comes with the answer, what follows comes after it, nothing is in neither.

use serde_json::{Value, json};

use crate::support::{Chat, TestApp, seqs};

#[tokio::test]
async fn joining_answers_with_what_came_after() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    for n in 1..=5 {
        chat.send(&ana, &n.to_string()).await;
    }
    let mut socket = ben.socket().await;
    let joined = chat.join(&socket, Some(3)).await;
    assert_eq!(seqs(joined["events"].as_array().unwrap()), [4, 5]);
    assert_eq!(
        (&joined["headSeq"], &joined["hasMore"], &joined["resync"]),
        (&json!(5), &json!(false), &json!(false))
    );
    let notice = socket.next("joinedConversation").await;
    assert_eq!((&notice["conversationId"], &notice["epoch"]), (&json!(chat.id), &joined["epoch"]));

    chat.send(&ana, "6").await;
    assert_eq!(socket.next("receiveMessage").await["seq"], 6);
    assert_eq!(socket.events(), [], "what the answer held isn't pushed as well");
}

#[tokio::test]
async fn without_after_only_what_is_to_come() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    chat.send(&ana, "before").await;
    let mut socket = ben.socket().await;
    let joined = chat.join(&socket, None).await;
    assert_eq!((&joined["headSeq"], &joined["events"]), (&json!(1), &json!([])));
    chat.send(&ana, "after").await;
    assert_eq!(socket.next("receiveMessage").await["content"], "after");
}

#[tokio::test]
async fn a_long_absence_is_made_up_page_by_page() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let sender = ana.socket().await;
    for n in 0..120 {
        sender.call("sendMessage", chat.payload(&Chat::message(&n.to_string()))).await.unwrap();
    }
    let socket = ben.socket().await;
    let joined = chat.join(&socket, Some(0)).await;
    assert_eq!(seqs(joined["events"].as_array().unwrap()), (1..=100).collect::<Vec<_>>());
    assert_eq!(joined["hasMore"], true);
    assert_eq!(seqs(&chat.events(&ben).await), (1..=120).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_place_beyond_the_head_asks_for_a_new_beginning() {
    let app = TestApp::start().await;
    let (chat, _, ben) = Chat::direct(&app).await;
    let joined = chat.join(&ben.socket().await, Some(9)).await;
    assert_eq!(
        (&joined["resync"], &joined["headSeq"], &joined["events"]),
        (&json!(true), &json!(0), &json!([]))
    );
    let page = ben.get(&chat.path("events?after=9")).await.expect(200);
    assert_eq!(page.body["resync"], true);
}

#[tokio::test]
async fn joining_while_messages_flow_leaves_no_hole() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let sender = ana.socket().await;
    const ALL: i64 = 300;
    let flowing: Vec<_> =
        (0..ALL).map(|n| sender.ask("sendMessage", chat.payload(&Chat::message(&n.to_string())))).collect();
    // Readers arrive one after the other, in the middle of it.
    let mut readers = Vec::new();
    for _ in 0..10 {
        let socket = ben.socket().await;
        let joined = chat.join(&socket, Some(0)).await;
        readers.push((socket, joined));
    }
    for answer in flowing {
        assert_eq!(answer.await.unwrap()["ok"], true);
    }
    for (mut socket, joined) in readers {
        let mut seen = seqs(joined["events"].as_array().unwrap());
        if joined["hasMore"] == true {
            let head = joined["headSeq"].as_i64().unwrap();
            let events = chat.events(&ben).await;
            seen = seqs(&events).into_iter().take_while(|seq| *seq <= head).collect();
        }
        while seen.last() != Some(&ALL) {
            seen.push(socket.next("receiveMessage").await["seq"].as_i64().unwrap());
        }
        assert_eq!(seen, (1..=ALL).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn leaving_stops_the_pushes_and_joining_again_makes_them_up() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let mut socket = ben.socket().await;
    chat.join(&socket, None).await;
    socket.next("joinedConversation").await;
    socket.call("leaveConversation", json!({ "conversationId": chat.id })).await.unwrap();
    chat.send(&ana, "unheard").await;
    let joined = chat.join(&socket, Some(0)).await;
    assert_eq!(joined["events"][0]["message"]["content"], "unheard");
    chat.send(&ana, "heard").await;
    assert_eq!(socket.next("receiveMessage").await["content"], "heard");
}

#[tokio::test]
async fn typing_reaches_the_others_and_only_those_who_joined() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let (typing, mut reading) = (ana.socket().await, ben.socket().await);
    let payload = json!({ "conversationId": chat.id, "isTyping": true });
    let problem: Value = typing.call("typing", payload.clone()).await.unwrap_err();
    assert_eq!(problem["code"], "E_NOT_FOUND", "it hasn't joined");
    chat.join(&typing, None).await;
    chat.join(&reading, None).await;
    typing.call("typing", payload).await.unwrap();
    let event = reading.next("typing").await;
    assert_eq!(event, json!({ "conversationId": chat.id, "userId": ana.id, "isTyping": true }));
}
