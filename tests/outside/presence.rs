//! Who is connected, when a node dies.

use super::{
    script::{Script, node},
    server::Server,
};
use crate::redis::RedisServer;

#[tokio::test]
async fn whoever_was_on_a_node_that_is_killed_is_gone_soon_unless_they_came_back_elsewhere() {
    let redis = RedisServer::start().await;
    let first = Server::with(&[("REDIS_URL", &redis.url())]).await;
    let mut second = Server::beside(&first).await;
    let mut script = Script::start(&mut node("presence.mjs", &[&second.url()], &first));
    assert_eq!(script.wish().await.as_deref(), Some("kill"));
    second.kill().await;
    script.succeeds().await;
}
