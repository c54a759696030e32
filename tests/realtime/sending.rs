//! R1 to R3: acknowledged after the commit, once, with the next number.

use serde_json::json;

use crate::support::{Chat, TestApp, seqs};

#[tokio::test]
async fn the_answer_is_the_stored_message() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let socket = ana.socket().await;
    let message = Chat::message("hello");
    let sent = socket.call("sendMessage", chat.payload(&message)).await.unwrap()["message"].clone();
    assert_eq!((&sent["id"], &sent["seq"]), (&message["messageId"], &json!(1)));
    assert_eq!((&sent["senderId"], &sent["type"]), (&json!(ana.id), &json!("text")));
    let history = ben.get(&chat.path("messages")).await.expect(200);
    assert_eq!(history.items(), std::slice::from_ref(&sent));
    let events = chat.events(&ben).await;
    assert_eq!(events[0]["message"], sent);
}

#[tokio::test]
async fn the_same_again_is_the_same_answer_over_rest_and_socket() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let (socket, mut reader) = (ana.socket().await, ben.socket().await);
    chat.join(&reader, None).await;
    let message = Chat::message("hello");
    let first = socket.call("sendMessage", chat.payload(&message)).await.unwrap()["message"].clone();
    let again = socket.call("sendMessage", chat.payload(&message)).await.unwrap()["message"].clone();
    let over_rest = ana.post(&chat.path("messages"), message.clone()).await.expect(200);
    assert_eq!((&again, &over_rest.body), (&first, &first));

    let mut other = message.clone();
    other["content"] = json!("something else");
    let problem = socket.call("sendMessage", chat.payload(&other)).await.unwrap_err();
    assert_eq!(problem["code"], "E_MESSAGE_ID_TAKEN");
    ana.post(&chat.path("messages"), other).await.problem("E_MESSAGE_ID_TAKEN", 409);
    ben.post(&chat.path("messages"), message).await.problem("E_MESSAGE_ID_TAKEN", 409);

    // Whatever came in between took no number and was pushed to nobody.
    let last = chat.send(&ana, "and then").await;
    assert_eq!(last["seq"], 2);
    assert_eq!(reader.next("receiveMessage").await, first);
    assert_eq!(reader.next("receiveMessage").await, last);
}

#[tokio::test]
async fn fifty_at_once_with_one_id_store_one() {
    let app = TestApp::start().await;
    let (chat, ana, _) = Chat::direct(&app).await;
    let socket = ana.socket().await;
    let message = Chat::message("once");
    let payload = chat.payload(&message);
    let over_socket: Vec<_> = (0..25).map(|_| socket.ask("sendMessage", payload.clone())).collect();
    let over_rest = crate::support::in_parallel(25, |_| {
        let (ana, path, message) = (ana.clone(), chat.path("messages"), message.clone());
        async move { ana.post(&path, message).await }
    })
    .await;
    let mut answers: Vec<_> = over_rest.iter().map(|answer| answer.body.clone()).collect();
    for answer in over_socket {
        answers.push(answer.await.unwrap()["data"]["message"].clone());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0] && answer["seq"] == 1), "{answers:?}");
    assert!(over_rest.iter().filter(|answer| answer.status == 201).count() <= 1);
    assert_eq!(chat.events(&ana).await.len(), 1);
}

#[tokio::test]
async fn numbers_have_no_gaps_whoever_sends_and_whatever_fails() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let sends = [&ana, &ben].map(|sender| {
        let (sender, path, id) = (sender.clone(), chat.path("messages"), chat.id.clone());
        tokio::spawn(async move {
            for n in 0..20 {
                sender.post(&path, Chat::message(&n.to_string())).await.expect(201);
                // Takes the number and gives it back: the message replied to doesn't exist.
                let lost = json!({ "messageId": uuid::Uuid::new_v4(), "content": "x", "replyTo": id });
                sender.post(&path, lost).await.invalid(&[("/replyTo", "no_such_message")]);
            }
        })
    });
    for send in sends {
        send.await.unwrap();
    }
    let events = chat.events(&ana).await;
    assert_eq!(seqs(&events), (1..=40).collect::<Vec<_>>());
}

#[tokio::test]
async fn one_sockets_messages_are_stored_in_the_order_they_were_sent() {
    let app = TestApp::start().await;
    let (chat, ana, _) = Chat::direct(&app).await;
    let socket = ana.socket().await;
    let answers: Vec<_> =
        (0..200).map(|n| socket.ask("sendMessage", chat.payload(&Chat::message(&n.to_string())))).collect();
    for (n, answer) in answers.into_iter().enumerate() {
        let message = answer.await.unwrap()["data"]["message"].clone();
        assert_eq!((&message["content"], &message["seq"]), (&json!(n.to_string()), &json!(n + 1)));
    }
}

#[tokio::test]
async fn a_stranger_can_neither_send_nor_read() {
    let app = TestApp::start().await;
    let (chat, ana, _) = Chat::direct(&app).await;
    chat.send(&ana, "between us").await;
    let eve = app.user("eve").await;
    let socket = eve.socket().await;
    let message = Chat::message("let me in");
    let problem = socket.call("sendMessage", chat.payload(&message)).await.unwrap_err();
    assert_eq!((&problem["code"], &problem["status"]), (&json!("E_NOT_FOUND"), &json!(404)));
    let id = json!({ "conversationId": chat.id });
    for event in ["joinConversation", "typing", "markRead"] {
        let mut payload = id.clone();
        match event {
            "typing" => payload["isTyping"] = json!(true),
            "markRead" => payload["seq"] = json!(1),
            _ => {}
        }
        let problem = socket.call(event, payload).await.unwrap_err();
        assert_eq!(problem["code"], "E_NOT_FOUND", "{event}");
    }
    eve.post(&chat.path("messages"), message).await.problem("E_NOT_FOUND", 404);
    for path in ["messages", "events", "members"] {
        eve.get(&chat.path(path)).await.problem("E_NOT_FOUND", 404);
    }
    assert_eq!(chat.events(&ana).await.len(), 1, "nothing was stored");
}
