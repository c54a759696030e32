//! SIGTERM: who is connected is told, what is in flight is finished, nothing is lost.

use std::time::Duration;

use super::{
    script::{Script, node},
    server::Server,
};

/// The notice, and some of the patience with what is in flight.
const STOPS_WITHIN: Duration = Duration::from_secs(12);

#[tokio::test]
async fn a_server_that_is_told_to_stop_finishes_its_work_and_its_clients_lose_nothing() {
    let mut server = Server::with(&[("DRAIN_NOTICE_SECS", "2")]).await;
    let mut script = Script::start(&mut node("drain.mjs", &[], &server));
    assert_eq!(script.wish().await.as_deref(), Some("terminate"));
    server.terminate().await;
    let status = server.ends(STOPS_WITHIN).await;
    assert_eq!(status.code(), Some(0));
    server.start_again().await;
    script.succeeds().await;
}

#[tokio::test]
async fn five_hundred_sockets_go_to_the_other_node_some_at_a_time_and_miss_nothing() {
    let mut first = Server::start().await;
    let second = Server::beside(&first).await;
    let mut script = Script::start(&mut node("waves.mjs", &[&second.url()], &first));
    assert_eq!(script.wish().await.as_deref(), Some("terminate"));
    first.terminate().await;
    assert_eq!(first.ends(STOPS_WITHIN).await.code(), Some(0));
    script.succeeds().await;
}
