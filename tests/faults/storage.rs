//! What the nodes store in goes away, and comes back.

use super::{databases::Harmed, log::Outcome, stand::Stand, traffic::Plan};
use crate::{proxy::Proxy, server::Server};

#[tokio::test]
async fn f6_pgbouncer_is_restarted() {
    let mut stand = Stand::begin("F6", Plan::default()).await;
    stand.again_and_again(async |stand| stand.databases.restart_pgbouncer()).await;
    stand.ends().await;
}

#[tokio::test]
async fn f8_postgresql_ends_at_once_and_recovers() {
    let mut stand = Stand::begin("F8", Plan::default()).await;
    stand.again_and_again(async |stand| stand.databases.crash_postgres()).await;
    stand.ends().await;
}

/// `CommandComplete` of a COMMIT, as PostgreSQL writes it.
const COMMITTED: &[u8] = b"C\0\0\0\x0bCOMMIT\0";
/// How many of them are lost.
const LOST: u32 = 10;

#[tokio::test]
async fn f10_the_connection_is_cut_inside_the_answer_to_commit() {
    let databases = Harmed::start().await;
    let network = Proxy::before(databases.database.address()).await;
    let url = databases.database.url_by(network.address);
    let nodes = vec![Server::on(&url, &[]).await, Server::on(&url, &[]).await];
    let mut stand = Stand::before("F10", Plan::default(), databases, nodes, None).await;

    let lose = async |_: &mut Stand| {
        network.cut_inside(COMMITTED, LOST);
        network.has_cut().await;
    };
    stand.again_and_again(lose).await;
    let (figures, log) = stand.ends().await;
    let unknown = log.calls().filter(|call| call.outcome == Outcome::Unknown).count();
    assert!(unknown > 0, "nobody noticed that answers were lost: {figures}");
}
