//! Redis goes away, and comes back: it costs nobody anything but the time until the other nodes look by themselves.

use std::time::Duration;

use super::{
    databases::{Harmed, Redis},
    pace::Pace,
    stand::{Stand, asked_for, now},
    traffic::Plan,
};
use crate::server::Server;

/// Acknowledged while it is away.
const SOME: usize = 150;
/// From one node to another without Redis: the change feed looks every second, and half of the messages have to be there by
/// then. Milliseconds, as all that follow.
const FOUND_WITHIN: u64 = 1500;
/// Sends and what stays on one node are at most twice as slow, but for this much: who waited for Redis would wait longer.
const NOT_FELT: u64 = 100;
/// The suite runs other tests beside this one, on as many cores as there are.
const NOISE: u64 = 1000;

#[tokio::test]
async fn f3_redis_is_killed_and_stays_away() {
    redis_is("F3", Redis::stop, Redis::start_again).await;
}

#[tokio::test]
async fn f4_redis_is_restarted_empty() {
    let restart = |redis: &mut Redis| {
        redis.stop();
        redis.start_again();
    };
    redis_is("F4", restart, |_| {}).await;
}

#[tokio::test]
async fn f5_redis_hangs() {
    redis_is("F5", Redis::hang, Redis::go_on).await;
}

/// Broken, and whole again after a while.
async fn redis_is(name: &'static str, broken: impl FnOnce(&mut Redis), whole: impl FnOnce(&mut Redis)) {
    let (databases, mut redis) = (Harmed::start().await, Redis::start());
    let (url, common) = (databases.database.url(), redis.url());
    let settings = [("REDIS_URL", common.as_str())];
    let nodes = vec![Server::on(&url, &settings).await, Server::on(&url, &settings).await];
    // No more than a busy machine does at ease: it is about how long things take.
    let plan = Plan { every: Duration::from_millis(150), ..Plan::default() };
    let mut stand = Stand::before(name, plan, databases, nodes, None).await;
    stand.traffic.flows(SOME).await;

    let broke = now();
    broken(&mut redis);
    stand.lasts(SOME).await;
    let healed = now();
    whole(&mut redis);
    let (_, log) = stand.ends().await;

    let before = Pace::of(&log, 0, broke);
    let during = Pace::of(&log, broke, healed);
    eprintln!("     before: {before}\n     during: {during}");
    let noise = if asked_for().is_some() { 0 } else { NOISE };
    for (what, before, during) in
        [("sends", before.sends, during.sends), ("pushes on one node", before.near, during.near)]
    {
        assert!(
            during.half <= 2 * before.half + NOT_FELT + noise,
            "{what} took {during:?} ms, {before:?} before"
        );
    }
    assert!(during.far.half <= FOUND_WITHIN + noise, "between nodes it took {:?} ms", during.far);
}
