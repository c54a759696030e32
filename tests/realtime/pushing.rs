//! R4: everybody who joined gets everything, in order; and who doesn't read is cut, not skipped.

use serde_json::json;

use crate::support::{Chat, Closed, TestApp, figure, in_parallel};

#[tokio::test]
async fn everybody_gets_everything_in_order() {
    let app = TestApp::start().await;
    let (ana, ben, cleo) = (app.user("ana").await, app.user("ben").await, app.user("cleo").await);
    let chat = Chat::group(&[&ana, &ben, &cleo]).await;
    let mut sockets = Vec::new();
    for person in [&ana, &ben, &cleo] {
        // Two tabs each.
        for _ in 0..2 {
            let socket = person.socket().await;
            chat.join(&socket, None).await;
            sockets.push(socket);
        }
    }
    let senders = [&ana, &ben, &cleo].map(|sender| {
        let (sender, chat) = (sender.clone(), chat.clone());
        tokio::spawn(async move {
            for n in 0..15 {
                chat.send(&sender, &n.to_string()).await;
            }
        })
    });
    for sender in senders {
        sender.await.unwrap();
    }
    for socket in &mut sockets {
        for seq in 1..=45 {
            assert_eq!(socket.next("receiveMessage").await["seq"], seq);
        }
    }
}

#[tokio::test]
async fn a_read_mark_only_moves_forward_and_never_past_the_head() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    for n in 0..3 {
        chat.send(&ana, &n.to_string()).await;
    }
    let (socket, mut other) = (ben.socket().await, ana.socket().await);
    chat.join(&other, None).await;
    let mark =
        async |seq: i64| socket.call("markRead", json!({ "conversationId": chat.id, "seq": seq })).await;
    assert_eq!(mark(2).await.unwrap(), json!({ "seq": 2 }));
    let event = other.next("readMarked").await;
    assert_eq!(event, json!({ "conversationId": chat.id, "userId": ben.id, "seq": 2 }));
    assert_eq!(mark(1).await.unwrap(), json!({ "seq": 2 }), "backwards changes nothing");
    let problem = mark(4).await.unwrap_err();
    assert_eq!((&problem["code"], &problem["errors"][0]["pointer"]), (&json!("E_INVALID"), &json!("/seq")));

    let path = chat.path("read");
    ben.put(&path, json!({ "seq": 99 })).await.invalid(&[("/seq", "too_large")]);
    assert_eq!(ben.put(&path, json!({ "seq": 3 })).await.expect(200).body, json!({ "seq": 3 }));
    let conversation = ben.get(&format!("/conversations/{}", chat.id)).await.expect(200).body;
    assert_eq!((&conversation["lastReadSeq"], &conversation["unread"]), (&json!(3), &json!(0)));
    assert_eq!(other.next("readMarked").await["seq"], 3);
}

#[tokio::test]
async fn of_marks_set_at_once_the_furthest_stays() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    // A race is lost only sometimes: six of them.
    for _ in 0..6 {
        let chat = Chat::group(&[&ana, &ben]).await;
        for n in 0..20 {
            chat.send(&ana, &n.to_string()).await;
        }
        let answers = in_parallel(20, |n| {
            let (ben, path) = (ben.clone(), chat.path("read"));
            async move { ben.put(&path, json!({ "seq": 20 - n })).await }
        })
        .await;
        assert!(answers.iter().all(|answer| answer.status == 200));
        let conversation = ben.get(&format!("/conversations/{}", chat.id)).await.expect(200).body;
        assert_eq!(conversation["lastReadSeq"], 20);
    }
}

#[tokio::test]
async fn who_doesnt_read_is_cut_and_catches_up() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let mut slow = ben.socket().await;
    chat.join(&slow, None).await;
    slow.stop_reading();
    let sender = ana.socket().await;
    let long = "x".repeat(8000);
    let mut sent = 0;
    while figure(&app.anonymous(), "websocket_lagging_total").await == 0.0 {
        assert!(sent < 6000, "it should have been cut by now");
        let answers: Vec<_> =
            (0..100).map(|_| sender.ask("sendMessage", chat.payload(&Chat::message(&long)))).collect();
        for answer in answers {
            assert_eq!(answer.await.unwrap()["ok"], true);
        }
        sent += 100;
    }
    slow.read_again();
    let received = slow.events();
    assert_eq!(slow.closed().await, Closed::Transport);
    let mut last = 0;
    for (name, message) in received.into_iter().chain(slow.events()) {
        if name == "receiveMessage" {
            last += 1;
            assert_eq!(message["seq"], last, "nothing is skipped before the cut");
        }
    }
    assert!(last < sent, "it was cut before everything was sent");
    let again = ben.socket().await;
    let joined = chat.join(&again, Some(last)).await;
    assert_eq!((&joined["headSeq"], &joined["events"][0]["seq"]), (&json!(sent), &json!(last + 1)));
}
