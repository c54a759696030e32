//! What becomes of a group: its members, their roles, its name.

use serde_json::{Value, json};

use crate::support::{Answer, Chat, TestApp, User, in_parallel, seqs};

/// Ana's group with Ben and Cleo in it.
async fn group(app: &TestApp) -> (Chat, [User; 3]) {
    let people = [app.user("ana").await, app.user("ben").await, app.user("cleo").await];
    (Chat::group(&people.each_ref()).await, people)
}

async fn set_role(chat: &Chat, actor: &User, user: &User, role: &str) -> Answer {
    actor.put(&chat.path(&format!("members/{}/role", user.id)), json!({ "role": role })).await
}

fn of(chat: &Chat, user: &User) -> String {
    chat.path(&format!("members/{}", user.id))
}

/// Everybody's role, by their names.
async fn roles(chat: &Chat, asker: &User) -> Vec<(String, String)> {
    let members = asker.get(&chat.path("members")).await.expect(200);
    let role = |member: &Value| {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&member["user"]["username"]), text(&member["role"]))
    };
    let mut roles: Vec<_> = members.items().iter().map(role).collect();
    roles.sort();
    roles
}

fn named(roles: [(&str, &str); 3]) -> Vec<(String, String)> {
    roles.map(|(name, role)| (name.to_owned(), role.to_owned())).to_vec()
}

#[tokio::test]
async fn an_admin_adds_removes_members_and_renames_and_no_more() {
    let app = TestApp::start().await;
    let (chat, [ana, ben, cleo]) = group(&app).await;
    let dora = app.user("dora").await;
    let path = format!("/conversations/{}", chat.id);
    let (add, rename) = (json!({ "userIds": [dora.id] }), json!({ "name": "soup" }));
    ben.post(&chat.path("members"), add.clone()).await.problem("E_NOT_AN_ADMIN", 403);
    ben.patch(&path, rename.clone()).await.problem("E_NOT_AN_ADMIN", 403);
    ben.delete(&of(&chat, &cleo)).await.problem("E_NOT_AN_ADMIN", 403);
    set_role(&chat, &ben, &ben, "admin").await.problem("E_NOT_THE_OWNER", 403);

    set_role(&chat, &ana, &ben, "admin").await.expect(204);
    set_role(&chat, &ana, &cleo, "admin").await.expect(204);
    ben.post(&chat.path("members"), add).await.expect(204);
    assert_eq!(ben.patch(&path, rename).await.expect(200).body["name"], "soup");
    ben.delete(&of(&chat, &cleo)).await.problem("E_NOT_THE_OWNER", 403);
    ben.delete(&of(&chat, &ana)).await.problem("E_NOT_THE_OWNER", 403);
    set_role(&chat, &ben, &dora, "admin").await.problem("E_NOT_THE_OWNER", 403);
    set_role(&chat, &ben, &ben, "owner").await.problem("E_NOT_THE_OWNER", 403);
    ben.delete(&of(&chat, &dora)).await.expect(204);
    ana.delete(&of(&chat, &cleo)).await.expect(204);
    let kinds: Vec<Value> = chat.events(&ana).await.into_iter().map(|event| event["kind"].clone()).collect();
    let wanted =
        ["roleChanged", "roleChanged", "memberJoined", "conversationRenamed", "memberLeft", "memberLeft"];
    assert_eq!(kinds, wanted, "and what was refused is no event");
}

#[tokio::test]
async fn handing_over_makes_one_the_owner_and_the_other_an_admin() {
    let app = TestApp::start().await;
    let (chat, [ana, ben, cleo]) = group(&app).await;
    set_role(&chat, &ana, &ana, "admin").await.problem("E_OWNER_NEEDED", 409);
    set_role(&chat, &ana, &ana, "owner").await.expect(204);
    assert_eq!(chat.events(&ana).await, Vec::<Value>::new(), "that was so before");
    set_role(&chat, &ana, &ben, "owner").await.expect(204);
    assert_eq!(roles(&chat, &cleo).await, named([("ana", "admin"), ("ben", "owner"), ("cleo", "member")]));
    let events = chat.events(&cleo).await;
    let told: Vec<_> = events.iter().map(|event| (&event["userId"], &event["role"])).collect();
    assert_eq!(told, [(&json!(ana.id), &json!("admin")), (&json!(ben.id), &json!("owner"))]);
    assert_eq!((seqs(&events), &events[0]["actorId"]), (vec![1, 2], &json!(ana.id)));
    set_role(&chat, &ana, &cleo, "admin").await.problem("E_NOT_THE_OWNER", 403);
    set_role(&chat, &ben, &ana, "member").await.expect(204);
    assert_eq!(roles(&chat, &cleo).await, named([("ana", "member"), ("ben", "owner"), ("cleo", "member")]));
}

#[tokio::test]
async fn roles_are_for_members_of_groups() {
    let app = TestApp::start().await;
    let (chat, [ana, ben, _]) = group(&app).await;
    let dora = app.user("dora").await;
    set_role(&chat, &ana, &dora, "admin").await.problem("E_NOT_FOUND", 404);
    set_role(&chat, &dora, &ana, "member").await.problem("E_NOT_FOUND", 404);
    ana.delete(&of(&chat, &dora)).await.problem("E_NOT_FOUND", 404);
    let path = chat.path(&format!("members/{}/role", ben.id));
    ana.put(&path, json!({ "role": "king" })).await.invalid(&[("/role", "not_an_option")]);
    ana.put(&path, json!({})).await.invalid(&[("/role", "required")]);
    let direct = ana.post("/conversations", json!({ "memberIds": [ben.id] })).await.expect(201).text("id");
    let direct = Chat { id: direct };
    set_role(&direct, &ana, &ben, "owner").await.problem("E_DIRECT_IS_FIXED", 409);
    let rename = json!({ "name": "the two of us" });
    ana.patch(&format!("/conversations/{}", direct.id), rename).await.problem("E_DIRECT_IS_FIXED", 409);
}

#[tokio::test]
async fn a_renaming_is_told_once_and_only_of_what_was_seen() {
    let app = TestApp::start().await;
    let (chat, [ana, ben, _]) = group(&app).await;
    let path = format!("/conversations/{}", chat.id);
    let mut socket = ben.socket().await;
    chat.join(&socket, None).await;
    let seen = ana.get(&path).await.expect(200).header("etag").unwrap().to_owned();
    let renamed = ana.with("if-match", &seen).patch(&path, json!({ "name": "soup" })).await.expect(200);
    assert!(renamed.header("etag").unwrap().starts_with("\"2-"));
    let again = ana.with("if-match", &seen).patch(&path, json!({ "name": "stew" })).await;
    again.problem("E_EDITED_MEANWHILE", 412);
    ana.patch(&path, json!({ "name": "soup" })).await.expect(200);
    ana.patch(&path, json!({ "name": " " })).await.invalid(&[("/name", "blank")]);
    ana.patch(&path, json!({ "name": "x".repeat(101) })).await.invalid(&[("/name", "too_long")]);
    ana.patch(&path, json!({})).await.invalid(&[("/name", "required")]);
    ana.patch(&path, json!({ "name": "stew" })).await.expect(200);

    let first = socket.next("conversationChanged").await;
    assert_eq!(
        (&first["seq"], &first["name"], &first["actorId"]),
        (&json!(1), &json!("soup"), &json!(ana.id))
    );
    assert_eq!(socket.next("conversationChanged").await["name"], "stew");
    let events = chat.events(&ben).await;
    let names: Vec<_> = events.iter().map(|event| event["name"].as_str().unwrap()).collect();
    assert_eq!((seqs(&events), names), (vec![1, 2], vec!["soup", "stew"]), "each as it was called then");
    assert_eq!(events[0]["kind"], "conversationRenamed");
    assert_eq!((events[0].get("userId"), &events[0]["actorId"]), (None, &json!(ana.id)));
}

#[tokio::test]
async fn an_owner_who_leaves_is_followed_by_an_admin() {
    let app = TestApp::start().await;
    let (chat, [ana, ben, cleo]) = group(&app).await;
    set_role(&chat, &ana, &cleo, "admin").await.expect(204);
    let mut socket = ben.socket().await;
    chat.join(&socket, None).await;
    ana.delete(&of(&chat, &ana)).await.expect(204);
    let (left, heir) = (socket.next("memberChanged").await, socket.next("memberChanged").await);
    assert_eq!(
        (&left["kind"], &left["userId"], &left["seq"]),
        (&json!("memberLeft"), &json!(ana.id), &json!(2))
    );
    assert_eq!(
        (&heir["kind"], &heir["userId"], &heir["seq"]),
        (&json!("roleChanged"), &json!(cleo.id), &json!(3))
    );
    assert_eq!((&heir["role"], left.get("role")), (&json!("owner"), None));
    cleo.delete(&of(&chat, &cleo)).await.expect(204);
    assert_eq!(roles(&chat, &ben).await, [("ben".to_owned(), "owner".to_owned())], "whoever is left");
}

#[tokio::test]
async fn what_the_last_member_leaves_is_nobodys() {
    let app = TestApp::start().await;
    let (chat, [ana, ben, cleo]) = group(&app).await;
    chat.send(&ana, "the last word").await;
    for person in [&ben, &cleo, &ana] {
        person.delete(&of(&chat, person)).await.expect(204);
        person.get(&chat.path("events")).await.problem("E_NOT_FOUND", 404);
    }
    ana.post(&chat.path("messages"), Chat::message("hello?")).await.problem("E_NOT_FOUND", 404);
    ana.post(&chat.path("members"), json!({ "userIds": [ana.id] })).await.problem("E_NOT_FOUND", 404);
    assert_eq!(ana.get("/conversations").await.expect(200).items().len(), 0);
}

#[tokio::test]
async fn many_who_join_at_once_take_a_number_each() {
    let app = TestApp::start().await;
    let (chat, [ana, ben, _]) = group(&app).await;
    let mut ids = Vec::new();
    for n in 0..8 {
        ids.push(app.user(&format!("guest{n}")).await.id);
    }
    let mut socket = ben.socket().await;
    chat.join(&socket, None).await;
    // Whoever is named twice joins once, and a message sent meanwhile has a number of its own.
    let (one, other) = (json!({ "userIds": ids[..5] }), json!({ "userIds": ids[3..] }));
    let path = chat.path("members");
    let (first, second, _) =
        tokio::join!(ana.post(&path, one), ana.post(&path, other), chat.send(&ben, "who are you?"));
    first.expect(204);
    second.expect(204);
    let events = chat.events(&ben).await;
    assert_eq!(seqs(&events), (1..=9).collect::<Vec<_>>());
    let mut joined: Vec<_> = events.iter().filter_map(|event| event["userId"].as_str()).collect();
    joined.sort_unstable();
    ids.sort_unstable();
    assert_eq!(joined, ids);
    for event in events.iter().filter(|event| event["kind"] == "memberJoined") {
        assert_eq!(socket.next("memberChanged").await["seq"], event["seq"]);
    }
}

#[tokio::test]
async fn a_group_that_is_handed_to_two_at_once_has_one_owner() {
    let app = TestApp::start().await;
    let people = [app.user("ana").await, app.user("ben").await, app.user("cleo").await];
    for _ in 0..5 {
        let chat = Chat::group(&people.each_ref()).await;
        let answers = in_parallel(2, |n| {
            let (chat, [ana, ben, cleo]) = (chat.clone(), people.clone());
            async move { set_role(&chat, &ana, [&ben, &cleo][n], "owner").await }
        });
        let mut statuses: Vec<u16> = answers.await.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 403]);
        let owners = roles(&chat, &people[0]).await.into_iter().filter(|(_, role)| role == "owner").count();
        assert_eq!(owners, 1);
    }
}
