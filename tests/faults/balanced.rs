//! Nodes behind nginx and HAProxy, as `deploy` sets them up, are taken out and come back.

use std::time::Duration;

use super::{databases::Harmed, stand::Stand, traffic::Plan};
use crate::{balancer::Balancer, server::Server};

/// Of everybody's ways to connect.
const EVERY_WAY: &[&[&str]] = &[&["websocket"], &["polling"], &["polling", "websocket"]];
/// For balancers to notice that a node is about to stop.
const NOTICE: (&str, &str) = ("DRAIN_NOTICE_SECS", "2");
const STOPS_WITHIN: Duration = Duration::from_secs(20);
/// Acknowledged by the node that is left.
const SOME: usize = 20;

#[tokio::test]
async fn f18_nodes_behind_nginx_are_restarted_in_turn() {
    restarted_in_turn("F18", "nginx").await;
}

#[tokio::test]
async fn f18_nodes_behind_haproxy_are_restarted_in_turn() {
    restarted_in_turn("F18", "haproxy").await;
}

/// One is told to stop, the other is killed.
async fn restarted_in_turn(name: &'static str, balancer: &str) {
    let databases = Harmed::start().await;
    let url = databases.database.url();
    let nodes = [Server::on(&url, &[NOTICE]).await, Server::on(&url, &[NOTICE]).await];
    let balancer = Balancer::start(balancer, [nodes[0].port(), nodes[1].port()]).await;
    let plan = Plan { transports: EVERY_WAY, ..Plan::default() };
    let mut stand = Stand::before(name, plan, databases, nodes.into(), Some(vec![balancer.url()])).await;
    let restart = async |stand: &mut Stand| {
        stand.nodes[0].terminate().await;
        let status = stand.nodes[0].ends(STOPS_WITHIN).await;
        assert_eq!(status.code(), Some(0));
        stand.traffic.flows(SOME).await;
        stand.nodes[0].start_again().await;
        stand.traffic.serves(stand.plan.people).await;

        stand.nodes[1].kill().await;
        stand.traffic.flows(SOME).await;
        stand.nodes[1].start_again().await;
    };
    stand.again_and_again(restart).await;
    stand.ends().await;
}
