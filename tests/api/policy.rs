//! `openapi/policy.txt`, executed: every operation and event tried by everybody, allowed and denied.

use rookery::{
    guards::{Can, Permission, Role},
    realtime::{ClientEvent, Nothing},
};
use serde_json::json;
use uuid::Uuid;

use crate::support::{Answer, Client, Operation, SocketClient, TestApp};

const POLICY: &str = include_str!("../../openapi/policy.txt");
const ROLES: [&str; 3] = ["user", "moderator", "admin"];

/// One line of the table.
struct Line {
    /// `GET`, or `EVENT`.
    method: &'static str,
    /// Or the event's name.
    path: &'static str,
    guard: &'static str,
    anonymous: bool,
    /// For each of [`ROLES`].
    allowed: [bool; 3],
}

impl Line {
    fn operation<'a>(&self, all: &'a [Operation]) -> &'a Operation {
        let mut all = all.iter();
        let found = all.find(|operation| operation.method == self.method && operation.path == self.path);
        found.unwrap_or_else(|| panic!("{} {} isn't documented any more", self.method, self.path))
    }
}

fn policy() -> Vec<Line> {
    let line = |text: &'static str| {
        let cells: Vec<&str> = text.split_whitespace().collect();
        let [method, path, _, guard, anonymous, user, moderator, admin] = cells[..] else {
            panic!("not a line of the table: {text}")
        };
        let allowed = [user, moderator, admin].map(|cell| cell == "yes");
        Line { method, path, guard, anonymous: anonymous == "yes", allowed }
    };
    POLICY.lines().skip(1).map(line).collect()
}

#[tokio::test]
async fn the_table_has_every_operation_that_is_served_and_no_other() {
    let app = TestApp::start().await;
    let mut served: Vec<(String, String)> = Operation::all(&app)
        .await
        .into_iter()
        .map(|operation| (format!("{} {}", operation.method, operation.path), operation.permission))
        .collect();
    served.sort();
    let mut listed: Vec<(String, String)> = policy()
        .iter()
        .filter(|line| line.method != "EVENT")
        .map(|line| (format!("{} {}", line.method, line.path), line.guard.to_owned()))
        .collect();
    listed.sort();
    assert_eq!(listed, served, "run `cargo xtask generate` and read what it changes in openapi/policy.txt");
}

/// Denied is denied by the guard: 401 to strangers, 403 to those whose role doesn't hold the permission.
/// Whatever else an operation answers, its guard has let it pass.
#[tokio::test]
async fn every_operation_admits_and_denies_as_the_table_says() {
    let app = TestApp::start().await;
    let operations = Operation::all(&app).await;
    for (at, role) in ROLES.into_iter().enumerate() {
        let mut who = app.user_in_role(role, role).await;
        for line in policy().iter().filter(|line| line.method != "EVENT") {
            let answer = attempt(&who, line.operation(&operations)).await;
            judge(role, line, line.allowed[at], &answer, ("E_FORBIDDEN", 403));
            if who.get("/users/me").await.status == 401 {
                // It ended the session that asked.
                who = app.sign_in(role).await;
            }
        }
    }
    for line in policy().iter().filter(|line| line.method != "EVENT") {
        let answer = attempt(&app.anonymous(), line.operation(&operations)).await;
        judge("anonymous", line, line.anonymous, &answer, ("E_TOKEN_MISSING", 401));
    }
}

#[tokio::test]
async fn every_event_admits_and_denies_as_the_table_says() {
    let app = TestApp::start().await;
    let refused = SocketClient::connect(app.address, None).await;
    assert_eq!(refused.err().as_deref(), Some("E_TOKEN_MISSING"), "no event is for strangers");
    for (at, role) in ROLES.into_iter().enumerate() {
        let socket = app.user_in_role(role, role).await.socket().await;
        for line in policy().iter().filter(|line| line.method == "EVENT") {
            let answer = socket.call(line.path, json!({})).await;
            let code = answer.err().and_then(|problem| problem["code"].as_str().map(str::to_owned));
            let denied = code.as_deref() == Some("E_FORBIDDEN");
            let known = code.as_deref() != Some("E_EVENT_UNKNOWN");
            assert!(known, "nothing listens to {}", line.path);
            assert!(!line.anonymous, "{}: a socket is always somebody's", line.path);
            assert_eq!(!denied, line.allowed[at], "{role} and {} ({}): {code:?}", line.path, line.guard);
        }
    }
}

/// No event of the modules is denied to any role, so here stands one that is.
#[tokio::test]
async fn an_event_that_a_role_may_not_send_is_denied() {
    struct Typing;
    impl ClientEvent for Typing {
        const NAME: &'static str = "typing";
        const SUMMARY: &'static str = "Type as an administrator";
        type Payload = Nothing;
        type Ack = Nothing;
        type Refusals = ();
    }
    struct Administer;
    impl Permission for Administer {
        const NAME: &'static str = "admin:type";
        const ROLES: &'static [Role] = &[Role::Admin];
    }
    let app = TestApp::with_events(|ns| {
        let done = async |(), _, _: Can<Administer>, _| Ok(Nothing {});
        ns.on::<Typing, Can<Administer>>(((), done));
    })
    .await;
    for role in ROLES {
        let socket = app.user_in_role(role, role).await.socket().await;
        let refusal = socket.call("typing", json!({})).await.err().map(|problem| problem["code"].clone());
        let wanted = (role != "admin").then_some(json!("E_FORBIDDEN"));
        assert_eq!(refusal, wanted, "{role} sends an event that only an admin may");
    }
}

#[track_caller]
fn judge(role: &str, line: &Line, allowed: bool, answer: &Answer, denial: (&str, u16)) {
    let told = (answer.body["code"].as_str().unwrap_or_default(), answer.status);
    let (method, path, guard) = (line.method, line.path, line.guard);
    assert_ne!(told.0, "E_METHOD_NOT_ALLOWED", "{method} {path} isn't served");
    assert!(answer.status < 500, "{role} and {method} {path}: {}", answer.body);
    assert_eq!(
        told != denial,
        allowed,
        "{role} and {method} {path} ({guard}): {} {}",
        answer.status,
        answer.body
    );
}

/// Asks about things that don't exist.
async fn attempt(who: &Client, operation: &Operation) -> Answer {
    let fill = |name: &str| match name {
        "kind" => "like".to_owned(),
        "emoji" => "👍".to_owned(),
        _ => Uuid::new_v4().to_string(),
    };
    operation.attempt(who, fill).await
}
