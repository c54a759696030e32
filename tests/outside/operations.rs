//! Every operation of the API document, tried by Schemathesis as each role: no server error, no answer that isn't
//! documented, and some success wherever the role may. `ROOKERY_TEST_OPERATIONS_SECONDS` makes chance try for longer.

use std::{env, process::Stdio, time::Duration};

use chrono::Utc;
use serde_json::json;
use tokio::process::Command;
use uuid::Uuid;

use super::{
    script::{Script, python},
    server::Server,
};

/// For what chance comes up with, after every operation's examples and limits.
const SECONDS: u64 = 10;

/// More than are tried again or deleted.
const LETTERS: usize = 2000;

/// The one that the script signs in with.
const PASSWORD: &str = "correct horse battery";

#[tokio::test]
async fn nobody_signed_in_is_answered_as_documented() {
    try_all("anonymous").await;
}

#[tokio::test]
async fn a_user_is_answered_as_documented() {
    try_all("user").await;
}

#[tokio::test]
async fn a_moderator_is_answered_as_documented() {
    try_all("moderator").await;
}

#[tokio::test]
async fn an_administrator_is_answered_as_documented() {
    try_all("admin").await;
}

async fn try_all(role: &str) {
    let server = Server::start().await;
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let seconds = env::var("ROOKERY_TEST_OPERATIONS_SECONDS")
        .map_or(SECONDS, |text| text.parse().expect("it is a number of seconds"));
    let mut command = python("operations.py", &[role, &seconds.to_string()], &server);
    // It keeps notes where it runs.
    command.env("ROOKERY_ADMIN", administrator(&server).await).current_dir(folder.path());
    command.env("ROOKERY_LETTERS", dead_letters(&server).await);
    Script::start(&mut command).works_for(Duration::from_secs(seconds)).succeeds().await;
}

/// Stores jobs as they are when they were given up; their ids.
async fn dead_letters(server: &Server) -> String {
    let ids: Vec<Uuid> = (0..LETTERS).map(|_| Uuid::now_v7()).collect();
    let (now, is_file) = (Utc::now().to_rfc3339(), server.database().file().is_some());
    let row = |id: &Uuid| {
        let id = if is_file { format!("x'{}'", id.simple()) } else { format!("'{id}'") };
        format!("({id}, 'test.letter', 1, '{{}}', 1, '{now}', '{now}', '{now}', 'lost', '{now}')")
    };
    let columns = "id, kind, version, payload, priority, created_at, run_at, due_at, error, dead_at";
    let rows: Vec<String> = ids.iter().map(row).collect();
    server.database().execute(&format!("INSERT INTO jobs ({columns}) VALUES {}", rows.join(", "))).await;
    ids.iter().map(Uuid::to_string).collect::<Vec<_>>().join(",")
}

/// Registers somebody and makes them an administrator, as the README shows it.
async fn administrator(server: &Server) -> &'static str {
    let account = json!({ "username": "keeper", "email": "keeper@example.com", "password": PASSWORD });
    let register = format!("{}/api/v1/auth/register", server.url());
    let answer = reqwest::Client::new().post(register).json(&account).send().await.expect("it answers");
    assert_eq!(answer.status(), 201);
    let mut command = Command::new(env!("CARGO_BIN_EXE_rookery"));
    command.args(["admin", "grant", "keeper"]).envs(server.environment());
    let output =
        command.stdin(Stdio::null()).kill_on_drop(true).output().await.expect("the binary can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    "keeper"
}
