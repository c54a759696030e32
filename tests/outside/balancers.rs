//! Behind nginx and HAProxy, as in most deployments: the clients notice nothing, and the server believes nobody.

use super::{
    balancer::Balancer,
    script::{node_at, run},
    server::Server,
};

const BALANCERS: [&str; 2] = ["nginx", "haproxy"];

#[tokio::test]
async fn the_client_chats_over_every_transport() {
    let server = Server::start().await;
    for name in BALANCERS {
        let balancer = Balancer::start(name, [server.port(); 2]).await;
        for transport in ["websocket", "polling", "upgrade"] {
            run(node_at("chat.mjs", &[transport], &balancer.url())).await;
        }
        run(node_at("reconnect.mjs", &["upgrade"], &balancer.url())).await;
    }
}

#[tokio::test]
async fn an_address_that_a_header_claims_is_not_believed() {
    let server = Server::start().await;
    for name in BALANCERS {
        let balancer = Balancer::start(name, [server.port(); 2]).await;
        run(node_at("forwarded.mjs", &[], &balancer.url())).await;
    }
}

#[tokio::test]
async fn a_polling_session_stays_on_its_node_and_one_address_uses_both() {
    let first = Server::start().await;
    let second = Server::beside(&first).await;
    for name in BALANCERS {
        let balancer = Balancer::start(name, [first.port(), second.port()]).await;
        let nodes = [first.url(), second.url()];
        run(node_at("sticky.mjs", &[&nodes[0], &nodes[1]], &balancer.url())).await;
    }
}
