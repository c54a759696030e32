//! Who is connected, as others may see it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Chat, SocketClient, TestApp, User, eventually, in_time};

/// Longer than a dead node's word is good.
const NODE_IS_DEAD: Duration = Duration::from_secs(30);

/// Watches these people; how they are.
async fn watch(socket: &SocketClient, people: &[&User]) -> Vec<Value> {
    let ids: Vec<&str> = people.iter().map(|person| person.id.as_str()).collect();
    let answer = socket.call("watchPresence", json!({ "userIds": ids })).await;
    answer.expect("they may be watched")["people"].as_array().expect("it is a list").clone()
}

/// Waits until the node that is asked knows that this person is there, on whichever node.
async fn has_come(person: &User, asker: &User) {
    let path = format!("/users/{}/presence", person.id);
    let is_there = async || asker.get(&path).await.expect(200).body["online"] == true;
    eventually(async || is_there().await.then_some(())).await;
}

fn is_online(person: &User, state: &Value) {
    assert_eq!(*state, json!({ "userId": person.id, "online": true, "lastSeenAt": null }));
}

/// Since when is known.
fn is_gone(person: &User, state: &Value) {
    assert_eq!((&state["userId"], &state["online"]), (&json!(person.id), &json!(false)));
    assert!(state["lastSeenAt"].is_string(), "{state}");
}

/// Nothing is shown of this person.
fn is_hidden(person: &User, state: &Value) {
    assert_eq!(*state, json!({ "userId": person.id, "online": false, "lastSeenAt": null }));
}

async fn hide(person: &User, for_whom: &str) {
    person.patch("/users/me", json!({ "presenceFor": for_whom })).await.expect(200);
}

#[tokio::test]
async fn who_comes_and_goes_is_told_to_whoever_watches() {
    let app = TestApp::start().await;
    let (_, ana, ben) = Chat::direct(&app).await;
    let mut watcher = ana.socket().await;
    is_hidden(&ben, &watch(&watcher, &[&ben]).await[0]);
    let socket = ben.socket().await;
    is_online(&ben, &watcher.next("presenceChanged").await);
    is_online(&ben, &ana.get(&format!("/users/{}/presence", ben.id)).await.expect(200).body);
    drop(socket);
    is_gone(&ben, &watcher.next("presenceChanged").await);
    // It is stored within seconds, and shown to whoever asks later.
    eventually(async || {
        let state = ana.get(&format!("/users/{}/presence", ben.id)).await.expect(200).body;
        state["lastSeenAt"].is_string().then(|| is_gone(&ben, &state))
    })
    .await;
}

#[tokio::test]
async fn across_nodes_somebody_is_there_while_any_socket_is() {
    let app = TestApp::start().await;
    let second = TestApp::second_node(&app).await;
    let (_, ana, ben) = Chat::direct(&app).await;
    let (there, here) = (ben.on(&second).socket().await, ben.socket().await);
    let mut watcher = ana.socket().await;
    is_online(&ben, &watch(&watcher, &[&ben]).await[0]);
    drop(here);
    // Longer than it takes to be gone: Cleo, who leaves with this socket, is gone meanwhile.
    let cleo = app.user("cleo").await;
    Chat::group(&[&ana, &cleo]).await;
    let hers = cleo.on(&second).socket().await;
    has_come(&cleo, &ana).await;
    let states = watch(&watcher, &[&ben, &cleo]).await;
    is_online(&ben, &states[0]);
    is_online(&cleo, &states[1]);
    drop(hers);
    is_gone(&cleo, &watcher.next("presenceChanged").await);
    drop(there);
    is_gone(&ben, &watcher.next("presenceChanged").await);
}

#[tokio::test]
async fn who_changes_nodes_was_never_away() {
    let app = TestApp::start().await;
    let second = TestApp::second_node(&app).await;
    let (_, ana, ben) = Chat::direct(&app).await;
    let (mut watcher, first) = (ana.socket().await, ben.socket().await);
    is_online(&ben, &watch(&watcher, &[&ben]).await[0]);
    drop(first);
    let elsewhere = ben.on(&second).socket().await;
    let cleo = app.user("cleo").await;
    Chat::group(&[&ana, &cleo]).await;
    let hers = cleo.socket().await;
    is_online(&ben, &watch(&watcher, &[&ben, &cleo]).await[0]);
    drop(hers);
    is_gone(&cleo, &watcher.next("presenceChanged").await);
    assert_eq!(watcher.events(), []);
    drop(elsewhere);
    is_gone(&ben, &watcher.next("presenceChanged").await);
}

#[tokio::test]
async fn whom_a_dead_node_had_are_gone_when_its_word_is_good_no_more() {
    let app = TestApp::start().await;
    let second = TestApp::second_node(&app).await;
    let (_, ana, ben) = Chat::direct(&app).await;
    let _his = ben.on(&second).socket().await;
    has_come(&ben, &ana).await;
    let mut watcher = ana.socket().await;
    is_online(&ben, &watch(&watcher, &[&ben]).await[0]);
    // Nobody is told anything of its people when a node stops: it might have been killed.
    second.stop();
    assert_eq!(watcher.events(), []);
    let told = in_time(NODE_IS_DEAD, async || watcher.events().pop()).await;
    let (name, state) = told.expect("it is noticed that they have gone");
    assert_eq!((name.as_str(), &state["online"]), ("presenceChanged", &json!(false)));
}

#[tokio::test]
async fn strangers_are_refused_as_if_nobody_were_there() {
    let app = TestApp::start().await;
    let (_, ana, ben) = Chat::direct(&app).await;
    let cleo = app.user("cleo").await;
    let (_his, hers) = (ben.socket().await, cleo.socket().await);
    let nobody = uuid::Uuid::new_v4().to_string();
    for id in [&ana.id, &nobody] {
        let refusal = hers.call("watchPresence", json!({ "userIds": [id] })).await.unwrap_err();
        assert_eq!(
            (&refusal["code"], &refusal["errors"][0]["pointer"]),
            (&json!("E_NOT_FOUND"), &json!("/userIds/0"))
        );
        cleo.get(&format!("/users/{id}/presence")).await.problem("E_NOT_FOUND", 404);
    }
    // One stranger among friends, and nobody is watched.
    let mut watcher = ana.socket().await;
    let ids = json!({ "userIds": [ben.id, cleo.id] });
    let refusal = watcher.call("watchPresence", ids).await.unwrap_err();
    assert_eq!(refusal["errors"][0]["pointer"], "/userIds/1");
    let many: Vec<String> = (0..201).map(|_| uuid::Uuid::new_v4().to_string()).collect();
    let refusal = watcher.call("watchPresence", json!({ "userIds": many })).await.unwrap_err();
    assert_eq!(refusal["code"], "E_INVALID");
    assert_eq!(watcher.events(), []);
}

#[tokio::test]
async fn who_shares_nothing_any_more_hears_nothing_any_more() {
    let app = TestApp::start().await;
    let (ana, ben, cleo) = (app.user("ana").await, app.user("ben").await, app.user("cleo").await);
    let chat = Chat::group(&[&ana, &ben, &cleo]).await;
    let (his, mut bens, mut cleos) = (ana.socket().await, ben.socket().await, cleo.socket().await);
    is_online(&ana, &watch(&bens, &[&ana]).await[0]);
    is_online(&ana, &watch(&cleos, &[&ana]).await[0]);
    ana.delete(&chat.path(&format!("members/{}", ben.id))).await.expect(204);
    drop(his);
    is_gone(&ana, &cleos.next("presenceChanged").await);
    ben.get(&format!("/users/{}/presence", ana.id)).await.problem("E_NOT_FOUND", 404);
    // Whatever he was to be told was told to both at once.
    assert_eq!(bens.events(), []);
}

#[tokio::test]
async fn who_hides_is_not_seen_and_sees_nobody() {
    let app = TestApp::start().await;
    let second = TestApp::second_node(&app).await;
    let (_, ana, ben) = Chat::direct(&app).await;
    let (mut anas, mut bens) = (ana.socket().await, ben.on(&second).socket().await);
    is_online(&ben, &watch(&anas, &[&ben]).await[0]);
    is_online(&ana, &watch(&bens, &[&ana]).await[0]);
    hide(&ben, "nobody").await;
    is_hidden(&ben, &anas.next("presenceChanged").await);
    is_hidden(&ana, &bens.next("presenceChanged").await);
    is_hidden(&ben, &ana.get(&format!("/users/{}/presence", ben.id)).await.expect(200).body);
    is_hidden(&ana, &ben.get(&format!("/users/{}/presence", ana.id)).await.expect(200).body);
    assert_eq!(ben.get("/users/me").await.expect(200).body["presenceFor"], "nobody");
    let seen = ana.get(&format!("/users/{}", ben.id)).await.expect(200);
    assert_eq!(seen.body.get("presenceFor"), None, "it is nobody else's business");
    hide(&ben, "conversations").await;
    is_online(&ben, &anas.next("presenceChanged").await);
    is_online(&ana, &bens.next("presenceChanged").await);
    ben.patch("/users/me", json!({ "presenceFor": "friends" })).await.problem("E_INVALID", 422);
}

#[tokio::test]
async fn who_is_blocked_sees_nothing_and_is_not_told_why() {
    let app = TestApp::start().await;
    let second = TestApp::second_node(&app).await;
    let (_, ana, ben) = Chat::direct(&app).await;
    let (mut anas, mut bens) = (ana.socket().await, ben.on(&second).socket().await);
    is_online(&ben, &watch(&anas, &[&ben]).await[0]);
    is_online(&ana, &watch(&bens, &[&ana]).await[0]);
    ana.put(&format!("/users/{}/block", ben.id), json!({})).await.expect(204);
    is_hidden(&ana, &bens.next("presenceChanged").await);
    is_hidden(&ben, &anas.next("presenceChanged").await);
    is_hidden(&ana, &watch(&bens, &[&ana]).await[0]);
    ana.delete(&format!("/users/{}/block", ben.id)).await.expect(204);
    is_online(&ana, &bens.next("presenceChanged").await);
}

#[tokio::test]
async fn a_socket_watches_whom_it_named_last() {
    let app = TestApp::start().await;
    let (ana, ben, cleo) = (app.user("ana").await, app.user("ben").await, app.user("cleo").await);
    Chat::group(&[&ana, &ben, &cleo]).await;
    let mut watcher = ana.socket().await;
    watch(&watcher, &[&ben]).await;
    watch(&watcher, &[&cleo]).await;
    let _his = ben.socket().await;
    let _hers = cleo.socket().await;
    is_online(&cleo, &watcher.next("presenceChanged").await);
    assert_eq!(watch(&watcher, &[]).await, Vec::<Value>::new());
    assert_eq!(watcher.events(), []);
}
