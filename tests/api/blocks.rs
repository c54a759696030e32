//! Blocking: what it keeps from whom, and that nobody can tell.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, Chat, TestApp, User, seqs};

async fn block(blocker: &User, blocked: &User) {
    blocker.put(&format!("/users/{}/block", blocked.id), json!({})).await.expect(204);
}

async fn unblock(blocker: &User, blocked: &User) {
    blocker.delete(&format!("/users/{}/block", blocked.id)).await.expect(204);
}

async fn write_to(sender: &User, other: &User) -> Answer {
    sender.post("/conversations", json!({ "memberIds": [other.id] })).await
}

fn names(answer: &Answer) -> Vec<&str> {
    answer.items().iter().map(|block| block["user"]["username"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_list_of_blocks_is_ones_own() {
    let app = TestApp::start().await;
    let [ana, ben, cleo] = [app.user("ana").await, app.user("Ben").await, app.user("cleo").await];
    block(&ana, &cleo).await;
    block(&ana, &ben).await;
    block(&ana, &ben).await;
    let first = ana.get("/users/me/blocks?limit=1").await.expect(200);
    assert_eq!(names(&first), ["Ben"]);
    let rest = format!("/users/me/blocks?cursor={}", first.text("nextCursor"));
    assert_eq!(names(&ana.get(&rest).await.expect(200)), ["cleo"]);
    assert_eq!(
        names(&ben.get("/users/me/blocks").await.expect(200)),
        [""; 0],
        "nobody learns who blocks them"
    );
    unblock(&ana, &ben).await;
    unblock(&ana, &ben).await;
    assert_eq!(names(&ana.get("/users/me/blocks").await.expect(200)), ["cleo"]);

    let path = |id: &str| format!("/users/{id}/block");
    ana.put(&path(&ana.id), json!({})).await.problem("E_BLOCKS_THEMSELVES", 409);
    ana.put(&path(&Uuid::new_v4().to_string()), json!({})).await.problem("E_NOT_FOUND", 404);
    ana.delete(&path(&Uuid::new_v4().to_string())).await.expect(204);
}

#[tokio::test]
async fn who_has_blocked_somebody_is_nobody_to_them() {
    let app = TestApp::start().await;
    let [ana, ben, cleo] = [app.user("ana").await, app.user("ben").await, app.user("cleo").await];
    block(&ana, &ben).await;
    let nobody = Uuid::new_v4();
    let to_nobody = ben.post("/conversations", json!({ "memberIds": [nobody] })).await;
    let to_ana = write_to(&ben, &ana).await;
    assert_eq!(to_ana.body["errors"], to_nobody.body["errors"], "the same as for nobody at all");
    to_ana.invalid(&[("/memberIds/0", "no_such_user")]);
    let group = Chat::group(&[&ben, &cleo]).await;
    let added = ben.post(&group.path("members"), json!({ "userIds": [ana.id] })).await;
    added.invalid(&[("/userIds/0", "no_such_user")]);
    write_to(&ana, &ben).await.problem("E_BLOCKED_THEM", 409);
    cleo.post("/conversations", json!({ "memberIds": [ana.id, ben.id] })).await.expect(201);
    unblock(&ana, &ben).await;
    write_to(&ben, &ana).await.expect(201);
}

#[tokio::test]
async fn a_direct_conversation_is_closed_to_both() {
    let app = TestApp::start().await;
    let (chat, ana, ben) = Chat::direct(&app).await;
    let message = Chat::message("before");
    ben.post(&chat.path("messages"), message.clone()).await.expect(201);
    block(&ana, &ben).await;
    let path = chat.path("messages");
    ben.post(&path, Chat::message("hello?")).await.problem("E_UNREACHABLE", 403);
    ana.post(&path, Chat::message("go away")).await.problem("E_BLOCKED_THEM", 409);
    // What was stored was stored: the answer to it may have been lost.
    ben.post(&path, message).await.expect(200);
    let socket = ben.socket().await;
    let refused = socket.call("sendMessage", chat.payload(&Chat::message("hello??"))).await.unwrap_err();
    assert_eq!(refused["code"], "E_UNREACHABLE");
    unblock(&ana, &ben).await;
    ben.post(&path, Chat::message("hello?")).await.expect(201);
    assert_eq!(seqs(&chat.events(&ben).await), [1, 2], "what was refused has taken no number");

    // The other one may be suspended as well, for all the sender can tell.
    let root = app.admin("root").await;
    let suspended = json!({ "status": "suspended" });
    root.patch(&format!("/admin/users/{}", ana.id), suspended).await.expect(200);
    ben.post(&path, Chat::message("hello?")).await.problem("E_UNREACHABLE", 403);
}

#[tokio::test]
async fn what_the_blocked_say_in_groups_is_hidden_from_the_blocker_alone() {
    let app = TestApp::start().await;
    let [ana, ben, cleo] = [app.user("ana").await, app.user("ben").await, app.user("cleo").await];
    let chat = Chat::group(&[&ana, &ben, &cleo]).await;
    chat.send(&ben, "one").await;
    chat.send(&cleo, "two").await;
    block(&ana, &ben).await;
    chat.send(&ben, "three").await;
    let said = async |reader: &User| {
        let history = reader.get(&chat.path("messages")).await.expect(200);
        history
            .items()
            .iter()
            .map(|message| message["content"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(said(&ana).await, ["two"]);
    assert_eq!(said(&cleo).await, ["three", "two", "one"]);
    assert_eq!(said(&ben).await, ["three", "two", "one"]);
    let events = chat.events(&ana).await;
    let kinds: Vec<_> = events.iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!((seqs(&events), kinds), (vec![1, 2, 3], vec!["hidden", "message", "hidden"]));
    let all_of_it = json!({ "seq": 1, "kind": "hidden", "at": events[0]["at"] });
    assert_eq!(events[0], all_of_it);
    let of_cleo: Vec<Value> = chat.events(&cleo).await;
    assert!(of_cleo.iter().all(|event| event["kind"] == "message"));
    // What becomes of the group is everybody's to know.
    ben.delete(&chat.path(&format!("members/{}", ben.id))).await.expect(204);
    assert_eq!(chat.events(&ana).await[3]["kind"], "memberLeft");
    unblock(&ana, &ben).await;
    assert_eq!(said(&ana).await, ["three", "two", "one"]);
}
