//! Many send to one conversation at once: what waits is committed together, and still each send is its own.

use rookery::{realtime::Streams, wire::StreamId};
use serde_json::{Value, json};

use crate::support::{Chat, SocketClient, TestApp, User, eventually, figure, seqs};

/// Keeps everybody from appending to this conversation until it is let go.
async fn hold(app: &TestApp, chat: &Chat) -> impl Sized {
    let stream = StreamId(chat.id.parse().unwrap());
    let (db, runtime) = (app.inside.db.clone(), &app.inside.runtime);
    runtime.spawn(async move { Streams::lock(&db, stream).await.unwrap() }).await.unwrap()
}

/// Waits until so many wait behind the one that is being committed.
async fn so_many_wait(app: &TestApp, waiting: usize) {
    let client = app.anonymous();
    eventually(async || (figure(&client, "stream_appends_waiting").await == waiting as f64).then_some(()))
        .await;
}

async fn sockets(people: &[&User], each: usize) -> Vec<SocketClient> {
    let mut sockets = Vec::new();
    for person in people {
        for _ in 0..each {
            sockets.push(person.socket().await);
        }
    }
    sockets
}

#[tokio::test]
async fn two_hundred_who_send_at_once_are_each_stored_once_and_in_their_order() {
    let app = TestApp::with(|settings| _ = settings.set("MAX_SOCKETS_PER_USER", 101)).await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let chat = Chat::group(&[&ana, &ben]).await;
    let mut reader = ben.socket().await;
    chat.join(&reader, None).await;
    let senders = sockets(&[&ana, &ben], 100).await;
    let held = hold(&app, &chat).await;
    let mut answers = Vec::new();
    for (sender, socket) in senders.iter().enumerate() {
        for n in 0..3 {
            let message = Chat::message(&format!("{sender} {n}"));
            answers.push((message["messageId"].clone(), socket.ask("sendMessage", chat.payload(&message))));
        }
    }
    // One of each: a socket's own wait for one another.
    so_many_wait(&app, 199).await;
    drop(held);
    let mut messages = Vec::new();
    for (id, answer) in answers {
        let message = answer.await.unwrap()["data"]["message"].clone();
        assert_eq!(message["id"], id, "each is answered with its own");
        messages.push(message);
    }
    for sent in messages.chunks(3) {
        assert!(seqs(sent).is_sorted(), "one socket's keep their order: {sent:?}");
    }
    messages.sort_by_key(|message| message["seq"].as_i64());
    assert_eq!(seqs(&messages), (1..=600).collect::<Vec<_>>());
    for message in &messages {
        assert_eq!(reader.next("receiveMessage").await, *message);
    }
    let events = chat.events(&ana).await;
    let stored: Vec<_> = events.into_iter().map(|event| event["message"].clone()).collect();
    assert_eq!(stored, messages);
}

#[tokio::test]
async fn what_is_refused_or_repeated_in_the_middle_of_others_is_told_so() {
    let app = TestApp::start().await;
    let (ana, ben, eve) = (app.user("ana").await, app.user("ben").await, app.user("eve").await);
    let chat = Chat::group(&[&ana, &ben]).await;
    let before = Chat::message("before");
    let first = ana.post(&chat.path("messages"), before.clone()).await.expect(201).body;
    let twin = Chat::message("twin");
    let (mut changed, mut reply, mut lost) = (twin.clone(), Chat::message("reply"), Chat::message("lost"));
    changed["content"] = json!("changed");
    reply["replyTo"] = twin["messageId"].clone();
    lost["replyTo"] = json!(uuid::Uuid::new_v4());
    // Another's, as the first of all that waits.
    let sends: Vec<(&User, &Value, Result<i64, &str>)> = vec![
        (&eve, &twin, Err("E_NOT_FOUND")),
        (&ana, &twin, Ok(2)),
        (&ana, &twin, Ok(2)),
        (&ana, &changed, Err("E_MESSAGE_ID_TAKEN")),
        (&ben, &twin, Err("E_MESSAGE_ID_TAKEN")),
        (&ben, &reply, Ok(3)),
        (&ben, &lost, Err("E_INVALID")),
        (&ana, &before, Ok(1)),
        (&eve, &before, Err("E_NOT_FOUND")),
        (&ben, &before, Err("E_MESSAGE_ID_TAKEN")),
    ];
    let held = hold(&app, &chat).await;
    let mut waiting = Vec::new();
    for (place, (sender, message, expected)) in sends.into_iter().enumerate() {
        let socket = sender.socket().await;
        let answer = socket.ask("sendMessage", chat.payload(message));
        // The first is being committed; the others wait in the order of asking.
        so_many_wait(&app, place).await;
        waiting.push((socket, answer, expected, place));
    }
    drop(held);
    for (_socket, answer, expected, place) in waiting {
        let answer = answer.await.unwrap();
        let outcome = match answer["ok"] == true {
            true => Ok(answer["data"]["message"]["seq"].as_i64().unwrap()),
            false => Err(answer["problem"]["code"].as_str().unwrap()),
        };
        assert_eq!(outcome, expected, "{place}: {answer}");
    }
    let events = chat.events(&ben).await;
    assert_eq!(seqs(&events), [1, 2, 3]);
    let stored: Vec<_> = events.iter().map(|event| event["message"]["content"].as_str().unwrap()).collect();
    assert_eq!((stored, &events[0]["message"]), (vec!["before", "twin", "reply"], &first));
}

#[tokio::test]
async fn one_that_the_database_does_not_take_keeps_nobody_out() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    app.database
        .execute(match app.database.file() {
            Some(_) => {
                "CREATE TRIGGER planted BEFORE INSERT ON messages WHEN NEW.content = 'poison' \
                 BEGIN SELECT RAISE(ABORT, 'planted'); END"
            }
            None => "ALTER TABLE messages ADD CONSTRAINT planted CHECK (content <> 'poison')",
        })
        .await;
    let sockets = sockets(&[&ana, &ben], 10).await;
    let held = hold(&app, &chat).await;
    let first = ana.socket().await;
    let before = first.ask("sendMessage", chat.payload(&Chat::message("first")));
    so_many_wait(&app, 0).await;
    let contents = (0..20).map(|n| if n == 7 { "poison".to_owned() } else { n.to_string() });
    let answers: Vec<_> = sockets
        .iter()
        .zip(contents)
        .map(|(socket, content)| socket.ask("sendMessage", chat.payload(&Chat::message(&content))))
        .collect();
    so_many_wait(&app, 20).await;
    drop(held);
    assert_eq!(before.await.unwrap()["ok"], true);
    for (n, answer) in answers.into_iter().enumerate() {
        let answer = answer.await.unwrap();
        assert_eq!(answer["ok"], n != 7, "{answer}");
        if n == 7 {
            assert_eq!(answer["problem"]["code"], "E_INTERNAL");
        }
    }
    assert_eq!(seqs(&chat.events(&ana).await), (1..=20).collect::<Vec<_>>());
}

#[tokio::test]
async fn who_is_removed_in_the_middle_of_a_flood_has_nothing_after_their_removal() {
    let app = TestApp::start().await;
    let (ana, ben, cleo) = (app.user("ana").await, app.user("ben").await, app.user("cleo").await);
    for _ in 0..3 {
        let chat = Chat::group(&[&ana, &ben, &cleo]).await;
        let sockets = sockets(&[&ben, &cleo], 8).await;
        let answers: Vec<_> = (0..400)
            .map(|n| {
                let message = Chat::message(&n.to_string());
                sockets[n % 16].ask("sendMessage", chat.payload(&message))
            })
            .collect();
        ana.delete(&chat.path(&format!("members/{}", ben.id))).await.expect(204);
        let mut refused = 0;
        let mut acknowledged = Vec::new();
        for answer in answers {
            let answer = answer.await.unwrap();
            match answer["ok"] == true {
                true => acknowledged.push(answer["data"]["message"]["seq"].as_i64().unwrap()),
                false => {
                    assert_eq!(answer["problem"]["code"], "E_NOT_FOUND", "{answer}");
                    refused += 1;
                }
            }
        }
        let events = chat.events(&ana).await;
        assert_eq!(seqs(&events), (1..=401 - refused).collect::<Vec<_>>());
        let removal = events.iter().find(|event| event["kind"] == "memberLeft").unwrap()["seq"].clone();
        acknowledged.push(removal.as_i64().unwrap());
        acknowledged.sort_unstable();
        assert_eq!(acknowledged, seqs(&events), "what was acknowledged is what is stored");
        let after = events.iter().filter(|event| event["seq"].as_i64() > removal.as_i64());
        let of_ben: Vec<_> = after.filter(|event| event["message"]["senderId"] == ben.id.as_str()).collect();
        assert!(of_ben.is_empty(), "{of_ben:?}");
    }
}
