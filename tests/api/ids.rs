//! Every id in every path and event, tried by somebody else: not found, or forbidden, and nothing changes.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Operation, TestApp, World};

/// What is everybody's to do with somebody else's things.
const OPEN: &[(&str, &str)] = &[
    ("getUser", "profiles are public among users"),
    ("getPost", "posts are public among users"),
    ("blockUser", "blocking is for others, and the block is one's own"),
    ("unblockUser", "only takes one's own block back"),
    ("reactToPost", "reacting is for others, and the reaction is one's own"),
    ("unreactToPost", "only takes one's own reaction back"),
];

/// The person in the document's examples.
const NOBODY: &str = "01980a1e-7c00-7000-8000-000000000001";

/// Events that answer alike for what is somebody's and for what is nobody's.
const SILENT: &[(&str, &str)] = &[("leaveConversation", "leaving what one hasn't joined tells nothing")];

/// Ana's things: those of the small world, and one made from the example of every list besides.
struct Things {
    world: World,
    /// By the list's path.
    made: BTreeMap<String, String>,
}

impl Things {
    async fn of(app: &TestApp, operations: &[Operation]) -> Self {
        let mut things = Self { world: World::of(app).await, made: BTreeMap::new() };
        for operation in operations.iter().filter(|operation| operation.path.contains('{')) {
            let (list, _) = operation.path.split_once("/{").unwrap();
            if things.of_world(&operation.path, "id").is_some() || things.made.contains_key(list) {
                continue;
            }
            let making = operations.iter().find(|other| other.path == list && other.method == Method::POST);
            let Some(making) = making else { continue };
            let made = making.attempt(&things.world.ana, |_| String::new()).await.expect(201);
            things.made.insert(list.to_owned(), made.text("id"));
        }
        things
    }

    /// The id of Ana's that belongs into this place of this path.
    fn id(&self, path: &str, parameter: &str) -> &str {
        let (list, _) = path.split_once("/{").unwrap();
        let id = self.of_world(path, parameter).or_else(|| self.made.get(list).map(String::as_str));
        id.unwrap_or_else(|| {
            panic!("nothing of Ana's for {{{parameter}}} in {path}: add it to tests/support/world.rs and name it here")
        })
    }

    fn of_world(&self, path: &str, parameter: &str) -> Option<&str> {
        let place = path.trim_start_matches("/api/v1/").split('/').next().unwrap();
        match (place, parameter) {
            (_, "kind") => Some("like"),
            (_, "emoji") => Some("👍"),
            (_, "userId" | "idOrUsername") | ("admin" | "users", "id") => Some(&self.world.ana.id),
            ("posts", "id") => Some(&self.world.post),
            ("auth", "id") => Some(&self.world.session),
            ("conversations", "id") => Some(&self.world.chat.id),
            ("conversations", "messageId") => Some(&self.world.message),
            _ => None,
        }
    }

    /// All that Ana sees of her things.
    async fn seen(&self) -> Vec<Value> {
        let World { ana, post, chat, .. } = &self.world;
        let lists = self.made.keys().map(|list| list.trim_start_matches("/api/v1").to_owned());
        let mut all = Vec::new();
        for path in [
            "/users/me".into(),
            "/auth/sessions".into(),
            "/conversations".into(),
            format!("/posts/{post}"),
            chat.path("messages"),
            chat.path("events"),
            chat.path("members"),
        ]
        .into_iter()
        .chain(lists)
        {
            all.push(ana.get(&path).await.expect(200).body);
        }
        all
    }
}

#[tokio::test]
async fn no_path_leads_to_somebody_elses_things() {
    let app = TestApp::start().await;
    let operations = Operation::all(&app).await;
    let things = Things::of(&app, &operations).await;
    let before = things.seen().await;
    let (ben, mut tried) = (&things.world.ben, 0);
    for mut operation in operations {
        let Operation { id, path, .. } = &operation;
        if !path.contains('{') || OPEN.iter().any(|(open, _)| open == id) {
            continue;
        }
        // Nobody has the example's id; a body that would do names somebody who exists.
        let body = operation.body.to_string().replace(NOBODY, &ben.id);
        operation.body = serde_json::from_str(&body).unwrap();
        let fill = |name: &str| things.id(&operation.path, name).to_owned();
        let answer = operation.attempt(ben, fill).await;
        assert!(
            matches!(answer.status, 403 | 404),
            "{}: Ben got {} {} for Ana's things; scope the query by who asks, or say in OPEN why he may",
            operation.id,
            answer.status,
            answer.body
        );
        tried += 1;
    }
    assert!(tried >= 16, "only {tried} operations were tried");
    assert_eq!(things.seen().await, before, "what Ben was refused has changed something");
}

#[tokio::test]
async fn no_event_leads_to_somebody_elses_things() {
    let app = TestApp::start().await;
    let things = Things::of(&app, &Operation::all(&app).await).await;
    let before = things.seen().await;
    let socket = things.world.ben.socket().await;
    let document = app.anonymous().get("//api-docs/asyncapi.json").await.expect(200).body;
    let events = document["operations"].as_object().unwrap().keys().filter(|name| name.starts_with("emit"));
    let mut tried = 0;
    for event in events {
        let message = &document["components"]["messages"][event];
        let (name, example) = (message["name"].as_str().unwrap(), &message["examples"][0]["payload"]);
        let Some(mut payload) = of_anas(&things, name, example) else { continue };
        let answer = socket.call(name, payload.clone()).await;
        if SILENT.iter().any(|(silent, _)| *silent == name) {
            payload["conversationId"] = json!(Uuid::new_v4());
            assert_eq!(answer, socket.call(name, payload).await, "{name} tells what there is");
        } else {
            let code = answer.as_ref().err().map(|problem| &problem["code"]);
            assert_eq!(
                code,
                Some(&json!("E_NOT_FOUND")),
                "{name}: Ben got {answer:?} for Ana's things; scope the query by who asks"
            );
        }
        tried += 1;
    }
    assert!(tried >= 8, "only {tried} events were tried");
    assert_eq!(things.seen().await, before, "what Ben was refused has changed something");
}

/// The example, about Ana's things; nothing when it is about none.
fn of_anas(things: &Things, event: &str, example: &Value) -> Option<Value> {
    let mut payload = example.clone();
    let mut names_some = false;
    for (member, value) in payload.as_object_mut().unwrap() {
        match member.as_str() {
            "conversationId" => (*value, names_some) = (json!(things.world.chat.id), true),
            // Chosen by who sends.
            "messageId" if event == "sendMessage" => {}
            "messageId" => *value = json!(things.world.message),
            "userIds" => (*value, names_some) = (json!([things.world.ana.id]), true),
            other if other.ends_with("Id") => {
                panic!(
                    "nothing of Ana's for {other} in {event}: add it to tests/support/world.rs and name it here"
                )
            }
            _ => {}
        }
    }
    names_some.then_some(payload)
}
