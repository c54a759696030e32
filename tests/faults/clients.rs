//! Many clients, slow ones, and one that doesn't read.

use std::{fs, time::Duration};

use super::{
    databases::Harmed,
    log::Outcome,
    stand::{Stand, asked_for},
    traffic::Plan,
};
use crate::{proxy::Proxy, server::Server, wait::in_time};

/// Acknowledged in spite of it.
const SOME: usize = 60;

/// In groups of five, everybody in two of them; each says something every four seconds, and waits for the
/// answer.
#[tokio::test]
async fn f7_two_hundred_clients_share_a_pool_of_four() {
    let databases = Harmed::start().await;
    let url = databases.database.url();
    let pool = [("DB_POOL_MAX", "4")];
    let nodes = vec![Server::on(&url, &pool).await];
    let (every, answer) = (Duration::from_secs(4), Duration::from_secs(15));
    let plan = Plan { people: 200, conversations: 80, every, answer, ..Plan::default() };
    let mut stand = Stand::before("F7", plan, databases, nodes, None).await;
    stand.lasts(200).await;
    let (figures, log) = stand.ends().await;
    let unknown = log.calls().find(|call| call.outcome == Outcome::Unknown);
    assert!(unknown.is_none(), "it was too much: {unknown:?}; {figures}");
}

/// Everything takes 300 ms; for a while the answers are lost, and what is sent isn't; then a firewall forgets the
/// connections, and tells nobody.
#[tokio::test]
async fn f11_clients_are_far_away_and_answers_are_lost() {
    let databases = Harmed::start().await;
    let node = Server::on(&databases.database.url(), &[]).await;
    let network = Proxy::before(([127, 0, 0, 1], node.port()).into()).await;
    network.delay(Duration::from_millis(300));
    let urls = vec![format!("http://{}", network.address)];
    let plan = Plan { answer: Duration::from_secs(2), ..Plan::default() };
    let mut stand = Stand::before("F11", plan, databases, vec![node], Some(urls)).await;

    let told = stand.traffic.acknowledged();
    network.stall_answers();
    stand.stores(told + SOME).await;
    stand.while_asked_for().await;
    network.heal();
    network.delay(Duration::from_millis(300));
    stand.traffic.serves(stand.plan.people).await;
    if asked_for().is_some() {
        // Found out when no ping has come for 45 s; until then they are served over REST alone.
        let people = stand.plan.people;
        stand.traffic.connect_anew(people, || network.lose_open()).await;
    }
    stand.ends().await;
}

/// Bytes of a message, and of the memory that may wait for a client: 1,024 packets, and room for what else goes on.
const LONG: usize = 9_000;
const MOST_WAITING: u64 = 64 << 20;
/// For the kernel's buffers and the client's to fill.
const CUT_WITHIN: Duration = Duration::from_secs(60);

#[tokio::test]
async fn f12_a_receiver_stops_reading() {
    let databases = Harmed::start().await;
    let nodes = vec![Server::on(&databases.database.url(), &[]).await];
    let plan = Plan { bytes: LONG, every: Duration::from_millis(30), ..Plan::default() };
    let mut stand = Stand::before("F12", plan, databases, nodes, None).await;

    let (node, before) = (stand.nodes[0].url(), resident(stand.nodes[0].pid()));
    stand.traffic.order("pause 1").await;
    let mut most = before;
    let cut = in_time(CUT_WITHIN, async || {
        most = most.max(resident(stand.nodes[0].pid()));
        (lagging(&node).await > 0).then_some(())
    });
    cut.await.expect("who doesn't read is cut");
    stand.while_asked_for().await;
    let grown = most.max(resident(stand.nodes[0].pid())) - before;
    stand.traffic.order("resume 1").await;
    stand.ends().await;
    assert!(grown < MOST_WAITING, "memory grew by {} MiB", grown >> 20);
    eprintln!("     memory grew by {} MiB", grown >> 20);
}

/// Sockets that the node has cut because they didn't read.
async fn lagging(node: &str) -> u64 {
    let answer = reqwest::get(format!("{node}/metrics")).await.expect("the node answers");
    let text = answer.text().await.expect("metrics are text");
    let line = text.lines().find_map(|line| line.strip_prefix("websocket_lagging_total "));
    line.expect("it is counted").parse().expect("a counter is a number")
}

/// Bytes of memory that a process holds.
fn resident(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it holds memory");
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().expect("it is a number");
    kib << 10
}
