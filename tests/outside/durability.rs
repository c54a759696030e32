//! What was acknowledged is stored, once, whatever dies.

use super::{
    script::{Script, node, run},
    server::Server,
};

#[tokio::test]
async fn fifty_parallel_sends_of_one_message_store_one() {
    let server = Server::start().await;
    run(node("once.mjs", &[], &server)).await;
}

/// On SQLite they share a file; neither can tell the other anything.
#[tokio::test]
async fn two_processes_on_one_database_lose_nothing_when_one_is_killed() {
    let first = Server::start().await;
    let mut second = Server::beside(&first).await;
    let mut script = Script::start(&mut node("shared.mjs", &[&second.url()], &first));
    while let Some(wish) = script.wish().await {
        assert_eq!(wish, "kill");
        second.kill().await;
        second.start_again().await;
    }
    script.succeeds().await;
}

#[tokio::test]
async fn killing_the_server_amid_two_thousand_sends_loses_nothing_and_leaves_no_gap() {
    let mut server = Server::start().await;
    let mut script = Script::start(&mut node("crash.mjs", &[], &server));
    let mut kills = 0;
    while let Some(wish) = script.wish().await {
        assert_eq!(wish, "kill");
        server.kill().await;
        server.start_again().await;
        kills += 1;
    }
    let said = script.succeeds().await;
    assert_eq!(kills, 3, "{said}");
}
