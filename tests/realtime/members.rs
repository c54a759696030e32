//! R15: what a socket may follow comes from the database, and is taken away with the event that says so.

use serde_json::json;

use crate::support::{Chat, TestApp, seqs};

#[tokio::test]
async fn who_is_removed_hears_of_it_and_then_nothing_more() {
    let app = TestApp::start().await;
    let (ana, ben, cleo) = (app.user("ana").await, app.user("ben").await, app.user("cleo").await);
    let chat = Chat::group(&[&ana, &ben, &cleo]).await;
    let (mut removed, mut stays) = (ben.socket().await, cleo.socket().await);
    chat.join(&removed, None).await;
    chat.join(&stays, None).await;
    chat.send(&ana, "all of us").await;
    ana.delete(&chat.path(&format!("members/{}", ben.id))).await.expect(204);
    chat.send(&ana, "without ben").await;

    assert_eq!(removed.next("receiveMessage").await["seq"], 1);
    let event = removed.next("memberChanged").await;
    assert_eq!(
        (&event["kind"], &event["userId"], &event["seq"]),
        (&json!("memberLeft"), &json!(ben.id), &json!(2))
    );
    assert_eq!((&event["actorId"], &event["conversationId"]), (&json!(ana.id), &json!(chat.id)));
    // Three is pushed to who stays after it could have been to who was removed.
    assert_eq!(stays.next("memberChanged").await["seq"], 2);
    assert_eq!(stays.next("receiveMessage").await["seq"], 1);
    assert_eq!(stays.next("receiveMessage").await["seq"], 3);
    let problem =
        removed.call("typing", json!({ "conversationId": chat.id, "isTyping": true })).await.unwrap_err();
    assert_eq!(problem["code"], "E_NOT_FOUND");
    let names: Vec<_> = removed.events().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["joinedConversation"]);
    ben.get(&chat.path("events")).await.problem("E_NOT_FOUND", 404);
}

#[tokio::test]
async fn who_is_added_reads_from_the_beginning() {
    let app = TestApp::start().await;
    let (ana, ben, cleo) = (app.user("ana").await, app.user("ben").await, app.user("cleo").await);
    let chat = Chat::group(&[&ana, &ben]).await;
    chat.send(&ana, "before").await;
    ana.post(&chat.path("members"), json!({ "userIds": [cleo.id, ben.id] })).await.expect(204);
    let events = chat.events(&cleo).await;
    assert_eq!(seqs(&events), [1, 2], "ben was there already: that is no event");
    assert_eq!((&events[1]["kind"], &events[1]["userId"]), (&json!("memberJoined"), &json!(cleo.id)));
    let conversation = cleo.get(&format!("/conversations/{}", chat.id)).await.expect(200).body;
    assert_eq!((&conversation["unread"], &conversation["memberCount"]), (&json!(0), &json!(3)));
}

#[tokio::test]
async fn removing_while_joining_never_leaves_a_follower_behind() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    for _ in 0..15 {
        let chat = Chat::group(&[&ana, &ben]).await;
        let mut socket = ben.socket().await;
        let path = chat.path(&format!("members/{}", ben.id));
        let (joined, removed) = tokio::join!(
            socket.call("joinConversation", json!({ "conversationId": chat.id, "after": 0 })),
            ana.delete(&path)
        );
        removed.expect(204);
        chat.send(&ana, "a secret").await;
        // An answer to anything at all comes after whatever was pushed before it.
        socket.call("leaveConversation", json!({ "conversationId": chat.id })).await.unwrap();
        let leaked = socket.events().into_iter().any(|(name, _)| name == "receiveMessage");
        assert!(!leaked, "joined: {joined:?}");
    }
}

#[tokio::test]
async fn leaving_and_owning() {
    let app = TestApp::start().await;
    let (ana, ben, cleo) = (app.user("ana").await, app.user("ben").await, app.user("cleo").await);
    let chat = Chat::group(&[&ana, &ben, &cleo]).await;
    let of = |person: &crate::support::User| chat.path(&format!("members/{}", person.id));
    ben.delete(&of(&cleo)).await.problem("E_NOT_AN_ADMIN", 403);
    ben.post(&chat.path("members"), json!({ "userIds": [cleo.id] })).await.problem("E_NOT_AN_ADMIN", 403);
    ana.delete(&of(&ana)).await.expect(204);
    let owners: Vec<_> = ben.get(&chat.path("members")).await.expect(200).items().to_vec();
    assert_eq!(owners.iter().filter(|member| member["role"] == "owner").count(), 1, "somebody owns it now");
    let direct = ben.post("/conversations", json!({ "memberIds": [cleo.id] })).await.expect(201).text("id");
    ben.delete(&format!("/conversations/{direct}/members/{}", cleo.id))
        .await
        .problem("E_DIRECT_IS_FIXED", 409);
    ana.get(&chat.path("members")).await.problem("E_NOT_FOUND", 404);
}

#[tokio::test]
async fn who_is_removed_and_added_again_follows_on_every_node_once_they_join_again() {
    let app = TestApp::start().await;
    let second = TestApp::second_node(&app).await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let path = |chat: &Chat| chat.path(&format!("members/{}", ben.id));
    for _ in 0..10 {
        let chat = Chat::group(&[&ana, &ben]).await;
        let (mut near, mut far) = (ben.socket().await, ben.on(&second).socket().await);
        chat.join(&near, None).await;
        chat.join(&far, None).await;
        ana.delete(&path(&chat)).await.expect(204);
        ana.post(&chat.path("members"), json!({ "userIds": [ben.id] })).await.expect(204);
        for socket in [&near, &far] {
            // Before, while or after its node hears of the removal.
            assert_eq!(seqs(chat.join(socket, Some(0)).await["events"].as_array().unwrap()), [1, 2]);
        }
        chat.send(&ana, "welcome back").await;
        for socket in [&mut near, &mut far] {
            assert_eq!(socket.next("receiveMessage").await["seq"], 3);
            let typing = json!({ "conversationId": chat.id, "isTyping": true });
            socket.call("typing", typing).await.expect("it has joined");
        }
    }
}

#[tokio::test]
async fn who_is_added_again_and_does_not_join_again_hears_nothing() {
    let app = TestApp::start().await;
    let second = TestApp::second_node(&app).await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let chat = Chat::group(&[&ana, &ben]).await;
    let mut far = ben.on(&second).socket().await;
    chat.join(&far, None).await;
    ana.delete(&chat.path(&format!("members/{}", ben.id))).await.expect(204);
    ana.post(&chat.path("members"), json!({ "userIds": [ben.id] })).await.expect(204);
    assert_eq!(far.next("memberChanged").await["kind"], "memberLeft");
    chat.send(&ana, "who is here?").await;
    let typing = json!({ "conversationId": chat.id, "isTyping": true });
    assert_eq!(far.call("typing", typing).await.unwrap_err()["code"], "E_NOT_FOUND");
    // Joined again it has the rest, and the next is pushed after what was missed: nothing twice, nothing between.
    assert_eq!(seqs(chat.join(&far, Some(1)).await["events"].as_array().unwrap()), [2, 3]);
    chat.send(&ana, "there you are").await;
    assert_eq!(far.next("receiveMessage").await["seq"], 4);
}
