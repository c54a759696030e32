//! Every id in every path and event, tried by somebody else: not found, or forbidden, and nothing changes.

use serde_json::{Value, json};

use crate::support::{Chat, Operation, TestApp, World};

/// What is everybody's to do with somebody else's things.
const OPEN: &[(&str, &str)] = &[
    ("getUser", "profiles are public among users"),
    ("getPost", "posts are public among users"),
    ("reactToPost", "reacting is for others, and the reaction is one's own"),
    ("unreactToPost", "only takes one's own reaction back"),
];

/// The person in the document's examples.
const NOBODY: &str = "01980a1e-7c00-7000-8000-000000000001";

/// The id of Ana's that belongs into this place of this path.
fn id_of<'a>(world: &'a World, path: &str, parameter: &str) -> &'a str {
    let place = path.trim_start_matches("/api/v1/").split('/').next().unwrap();
    match (place, parameter) {
        (_, "kind") => "like",
        (_, "userId" | "idOrUsername") | ("admin", "id") => &world.ana.id,
        ("posts", "id") => &world.post,
        ("auth", "id") => &world.session,
        ("conversations", "id") => &world.chat.id,
        _ => panic!("nothing of Ana's for {{{parameter}}} in {path}: add one to tests/support/world.rs"),
    }
}

/// All that Ana sees of her things.
async fn seen(world: &World) -> Vec<Value> {
    let mut all = Vec::new();
    for path in [
        "/users/me",
        "/auth/sessions",
        "/conversations",
        &format!("/posts/{}", world.post),
        &world.chat.path("messages"),
        &world.chat.path("events"),
        &world.chat.path("members"),
    ] {
        all.push(world.ana.get(path).await.expect(200).body);
    }
    all
}

#[tokio::test]
async fn no_path_leads_to_somebody_elses_things() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let before = seen(&world).await;
    let mut tried = 0;
    for mut operation in Operation::all(&app).await {
        let Operation { id, path, .. } = &operation;
        if !path.contains('{') || OPEN.iter().any(|(open, _)| open == id) {
            continue;
        }
        // Nobody has the example's id; a body that would do names somebody who exists.
        let body = operation.body.to_string().replace(NOBODY, &world.ben.id);
        operation.body = serde_json::from_str(&body).unwrap();
        let fill = |name: &str| id_of(&world, &operation.path, name).to_owned();
        let answer = operation.attempt(&world.ben, fill).await;
        assert!(
            matches!(answer.status, 403 | 404),
            "{}: Ben got {} {} for Ana's things; scope the query by who asks, or say in OPEN why he may",
            operation.id,
            answer.status,
            answer.body
        );
        tried += 1;
    }
    assert!(tried >= 13, "only {tried} operations were tried");
    assert_eq!(seen(&world).await, before, "what Ben was refused has changed something");
}

#[tokio::test]
async fn no_event_leads_to_somebody_elses_conversation() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let before = seen(&world).await;
    let socket = world.ben.socket().await;
    let message = Chat::message("let me in");
    for (event, payload) in [
        ("joinConversation", json!({})),
        ("sendMessage", message),
        ("markRead", json!({ "seq": 1 })),
        ("typing", json!({ "isTyping": true })),
    ] {
        let problem = socket.call(event, world.chat.payload(&payload)).await.unwrap_err();
        assert_eq!(problem["code"], "E_NOT_FOUND", "{event}: {problem}");
    }
    // Leaving what one hasn't joined is no error, and tells nothing.
    let known = socket.call("leaveConversation", world.chat.payload(&json!({}))).await;
    let unknown = json!({ "conversationId": uuid::Uuid::new_v4() });
    assert_eq!(known, socket.call("leaveConversation", unknown).await);
    assert_eq!(seen(&world).await, before);
}
