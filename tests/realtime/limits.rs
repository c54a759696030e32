//! How much one may ask: events at a pace, messages of a size, and patience with problems that ends.

use serde_json::{Value, json};

use crate::support::{Chat, Closed, SocketClient, TestApp, figure};

/// Sends so many at once; how many were done, and the codes of the others.
async fn flood(socket: &SocketClient, event: &str, payload: Value, count: usize) -> (usize, Vec<String>) {
    let answers: Vec<_> = (0..count).map(|_| socket.ask(event, payload.clone())).collect();
    let (mut done, mut refused) = (0, Vec::new());
    for answer in answers {
        // A socket that has been told to go isn't answered any more.
        let Ok(answer) = answer.await else { continue };
        match answer["ok"] == true {
            true => done += 1,
            false => refused.push(answer["problem"]["code"].as_str().unwrap().to_owned()),
        }
    }
    (done, refused)
}

#[tokio::test]
async fn who_sends_too_much_is_told_how_long_to_wait() {
    let app = TestApp::with(|settings| {
        settings.set("SOCKET_EVENTS_PER_SECOND", 1);
    })
    .await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let (socket, other) = (ana.socket().await, ben.socket().await);
    let leaving = json!({ "conversationId": chat.id });
    let (done, refused) = flood(&socket, "leaveConversation", leaving.clone(), 1200).await;
    assert!((1024..1034).contains(&done), "{done} were done");
    assert!(refused.iter().all(|code| code == "E_TOO_MANY_EVENTS"), "{refused:?}");
    let problem = socket.call("leaveConversation", leaving.clone()).await.unwrap_err();
    let wait = problem["retryAfterMs"].as_u64().unwrap();
    assert!((1..=1000).contains(&wait), "{wait}");
    assert_eq!(problem["status"], 429);
    assert!(
        figure(&app.anonymous(), "websocket_event_duration_seconds_count").await >= 1200.0,
        "it is counted"
    );

    // Other events, other tabs and other people have their own.
    socket.call("sendMessage", chat.payload(&Chat::message("hello"))).await.unwrap();
    ana.socket().await.call("leaveConversation", leaving.clone()).await.unwrap();
    other.call("leaveConversation", leaving).await.unwrap();
}

#[tokio::test]
async fn a_queue_that_waited_for_the_network_is_taken_at_once() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let socket = ana.socket().await;
    let queue: Vec<_> =
        (0..1500).map(|n| socket.ask("sendMessage", chat.payload(&Chat::message(&n.to_string())))).collect();
    for answer in queue {
        assert_eq!(answer.await.unwrap()["ok"], true);
    }
    assert_eq!(chat.events(&ben).await.len(), 1500);
}

#[tokio::test]
async fn typing_is_passed_on_once_a_second() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let (typist, mut other) = (ana.socket().await, ben.socket().await);
    for socket in [&typist, &other] {
        chat.join(socket, None).await;
    }
    let begun = std::time::Instant::now();
    let said = |is_typing: bool| json!({ "conversationId": chat.id, "isTyping": is_typing });
    for _ in 0..10 {
        for is_typing in [true, true, false, false] {
            typist.call("typing", said(is_typing)).await.unwrap();
        }
    }
    // What is pushed after the typing comes after it.
    chat.send(&ana, "done").await;
    other.next("receiveMessage").await;
    let typed: Vec<_> = other.events().into_iter().filter(|(name, _)| name == "typing").collect();
    assert_eq!((&typed[0].1["isTyping"], &typed[1].1["isTyping"]), (&json!(true), &json!(false)));
    assert!(typed.len() <= 2 * (1 + begun.elapsed().as_secs() as usize), "{}", typed.len());
}

/// Asks for what there isn't, one after the other: what is on its way to a connection that closes may take with it
/// what was said last. How often it was answered.
async fn until_told_to_go(socket: &SocketClient) -> usize {
    let mut answered = 0;
    while answered < 1000 && socket.ask("unheardOf", json!({})).await.is_ok() {
        answered += 1;
    }
    answered
}

#[tokio::test]
async fn whose_problems_never_end_is_told_to_go() {
    let app = TestApp::with(|settings| {
        settings.set("SOCKET_EVENTS_PER_SECOND", 1000);
    })
    .await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let (mut abuser, honest) = (ana.socket().await, ben.socket().await);
    // Never more at once than answers may wait: who is cut for not reading is told nothing.
    for _ in 0..10 {
        let (done, refused) = flood(&abuser, "unheardOf", json!({}), 500).await;
        assert_eq!((done, refused.len()), (0, 500), "5,000 are borne with");
    }
    let more = until_told_to_go(&abuser).await;
    assert!(more < 1000, "{more} more were answered");
    assert_eq!(abuser.next("revoked").await, json!({ "reason": "tooManyProblems" }));
    assert_eq!(abuser.closed().await, Closed::Namespace);
    honest.call("unheardOf", json!({})).await.unwrap_err();

    // Coming back doesn't bring new patience, but what is right is done.
    let mut again = ana.socket().await;
    again.call("renew", json!({ "token": ana.access_token })).await.unwrap();
    let more = until_told_to_go(&again).await;
    assert!(more < 1000, "{more} more were answered");
    assert_eq!(again.next("revoked").await["reason"], "tooManyProblems");
}

#[tokio::test]
async fn a_message_that_is_too_large_is_refused_and_one_that_is_far_too_large_ends_the_connection() {
    let app = TestApp::start().await;
    let (chat, ana, _) = Chat::direct(&app).await;
    let mut socket = ana.socket().await;
    let sized = |kib: usize| chat.payload(&Chat::message(&"x".repeat(kib * 1024)));
    let problem = socket.call("sendMessage", sized(200)).await.unwrap_err();
    assert_eq!((&problem["code"], &problem["instance"]), (&json!("E_BODY_TOO_LARGE"), &json!("sendMessage")));
    let problem = socket.call("sendMessage", sized(100)).await.unwrap_err();
    assert_eq!(problem["code"], "E_INVALID", "it is small enough to be looked at");
    socket.emit("sendMessage", sized(600));
    assert_eq!(socket.closed().await, Closed::Transport);
    assert_eq!(chat.events(&ana).await, Vec::<Value>::new());
}
