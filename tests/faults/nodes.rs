//! Nodes die.

use super::{databases::Harmed, log::Outcome, stand::Stand, traffic::Plan};
use crate::{proxy::Proxy, server::Server};

/// Acknowledged by the node that is left.
const SOME: usize = 20;
/// Messages that are stored and not acknowledged when a node is killed.
const UNTOLD: usize = 10;

#[tokio::test]
async fn f1_a_node_is_killed_amid_sends() {
    let mut stand = Stand::begin("F1", Plan::default()).await;
    let mut turns = [0, 1].into_iter().cycle();
    let kill = async |stand: &mut Stand| {
        let node = turns.next().expect("they go on for ever");
        stand.nodes[node].kill().await;
        stand.traffic.flows(SOME).await;
        stand.nodes[node].start_again().await;
    };
    stand.again_and_again(kill).await;
    stand.ends().await;
}

/// The answers are held back until something has been stored that nobody was told of.
#[tokio::test]
async fn f2_a_node_is_killed_between_commit_and_acknowledgement() {
    let databases = Harmed::start().await;
    let node = Server::on(&databases.database.url(), &[]).await;
    let network = Proxy::before(([127, 0, 0, 1], node.port()).into()).await;
    let urls = vec![format!("http://{}", network.address)];
    let mut stand = Stand::before("F2", Plan::default(), databases, vec![node], Some(urls)).await;

    let kill = async |stand: &mut Stand| {
        network.stall_answers();
        let told = stand.traffic.acknowledged();
        stand.stores(told + UNTOLD).await;
        stand.nodes[0].kill().await;
        network.cut();
        network.heal();
        stand.nodes[0].start_again().await;
    };
    stand.again_and_again(kill).await;
    let (figures, log) = stand.ends().await;

    let repeated = log.calls().filter(|call| call.attempt > 1 && call.outcome == Outcome::Ok);
    assert!(
        repeated.count() >= UNTOLD / 2,
        "what was stored is acknowledged when it is sent again: {figures}"
    );
}
