//! Other programs emit through Redis, with the official package.

use std::{env, path::Path, process::Stdio};

use tokio::process::Command;

use super::nodes::says_of_redis;
use crate::support::{RedisServer, TestApp, within};

#[tokio::test]
async fn a_node_worker_reaches_everybodys_sockets() {
    let redis = RedisServer::start().await;
    // `theirs` is the emitter's key.
    let here = TestApp::with(|settings| {
        settings.set("REDIS_URL", redis.url());
        settings.set("SOCKET_IO_EMITTER", "true").set("SOCKET_IO_EMITTER_KEY", "theirs");
    })
    .await;
    let there = TestApp::second_node(&here).await;
    says_of_redis(&here, "ok").await;
    says_of_redis(&there, "ok").await;
    let node = env::var("ROOKERY_TEST_NODE").unwrap_or_else(|_| "node".to_owned());
    let mut script = Command::new(node);
    script.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/emitter.mjs"));
    script.env("ROOKERY_URL", here.url()).env("OTHER_URL", there.url());
    script.env("REDIS_URL", redis.url()).env("EMITTER_KEY", "theirs");
    let ended = script.kill_on_drop(true).stdin(Stdio::null()).output();
    let ended = within("the script to end", ended).await.expect("it can be run");
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
}
