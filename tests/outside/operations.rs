//! Every operation of the API document, tried by Schemathesis as each role: no server error, no answer that isn't
//! documented. `ROOKERY_TEST_OPERATIONS_SECONDS` makes chance try for
//! longer.

use std::{env, process::Stdio, time::Duration};

use tokio::process::Command;

use super::{
    script::{Script, python},
    server::Server,
};

/// For what chance comes up with, after every operation's examples and limits.
const SECONDS: u64 = 10;

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
    // It keeps notes where it runs.
    let mut command = python("operations.py", &[role, &seconds.to_string()], &server);
    let mut script =
        Script::start(command.current_dir(folder.path())).works_for(Duration::from_secs(seconds));
    while let Some(wish) = script.wish().await {
        let name = wish.strip_prefix("grant ").expect("it asks for nothing else");
        grant(name, &server).await;
    }
    script.succeeds().await;
}

/// Makes somebody an administrator, as the README shows it.
async fn grant(name: &str, server: &Server) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rookery"));
    command.args(["admin", "grant", name]).envs(server.environment()).stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.expect("the binary can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
