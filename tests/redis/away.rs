//! Redis is away: nothing waits for it, nothing is lost, and it is found again.

use std::time::Duration;

use super::nodes::{Pair, says_of_redis};
use crate::support::{Chat, Proxy, RedisServer, TestApp, eventually, figure};

/// Without Redis a send takes as long as with it; so long at most, on a busy machine.
const AT_ONCE: Duration = Duration::from_secs(1);
/// As long as Redis may be away before a message has to have arrived on the other node.
const BY_THE_DATABASE: Duration = Duration::from_secs(4);

async fn pair(redis: &RedisServer) -> Pair {
    Pair::with(|settings| {
        settings.set("REDIS_URL", redis.url());
    })
    .await
}

/// Twenty messages go their way, and none waits for what isn't there.
async fn nothing_waits(pair: &mut Pair) {
    let mut slowest = Duration::ZERO;
    for _ in 0..20 {
        slowest = slowest.max(pair.send().await);
    }
    assert!(slowest < AT_ONCE, "{slowest:?}");
}

#[tokio::test]
async fn killed_and_started_again_empty() {
    let mut redis = RedisServer::start().await;
    let mut pair = pair(&redis).await;
    pair.are_joined().await;
    redis.kill();
    nothing_waits(&mut pair).await;
    pair.catches_up(11).await;
    pair.say_of_redis("error").await;
    assert!(pair.cross(1).await < BY_THE_DATABASE);
    redis.restart().await;
    pair.are_joined().await;
}

#[tokio::test]
async fn hung_and_going_on() {
    let redis = RedisServer::start().await;
    let mut pair = pair(&redis).await;
    pair.are_joined().await;
    redis.stop();
    nothing_waits(&mut pair).await;
    pair.catches_up(11).await;
    pair.say_of_redis("error").await;
    assert!(pair.cross(1).await < BY_THE_DATABASE);
    redis.go_on();
    pair.are_joined().await;
}

#[tokio::test]
async fn hung_for_a_moment_it_loses_nobody() {
    let redis = RedisServer::start().await;
    let mut pair = pair(&redis).await;
    pair.are_joined().await;
    redis.stop();
    pair.say_of_redis("error").await;
    redis.go_on();
    pair.are_joined().await;
}

#[tokio::test]
async fn not_there_yet_when_nodes_start() {
    let mut redis = RedisServer::start().await;
    redis.kill();
    let mut pair = pair(&redis).await;
    pair.say_of_redis("error").await;
    assert!(pair.cross(1).await < BY_THE_DATABASE);
    redis.restart().await;
    pair.are_joined().await;
}

#[tokio::test]
async fn words_that_nobody_takes_are_counted() {
    let mut redis = RedisServer::start().await;
    let pair = pair(&redis).await;
    pair.say_of_redis("ok").await;
    let client = pair.here.anonymous();
    assert_eq!(figure(&client, "bus_well").await, 1.0);
    redis.kill();
    pair.say_of_redis("error").await;
    let before = figure(&client, "bus_lost_total").await;
    // The end of it passes at once, too; beginning again wouldn't.
    for is_typing in [true, false] {
        let payload = serde_json::json!({ "conversationId": pair.chat.id, "isTyping": is_typing });
        pair.own.call("typing", payload).await.unwrap();
    }
    assert_eq!(figure(&client, "bus_lost_total").await, before + 2.0);
    assert_eq!(figure(&client, "bus_well").await, 0.0);
}

#[tokio::test]
async fn installations_that_share_a_redis_do_not_hear_each_other() {
    let redis = RedisServer::start().await;
    let mut pair = pair(&redis).await;
    let other = TestApp::with(|settings| {
        settings.set("REDIS_URL", redis.url());
    })
    .await;
    pair.are_joined().await;
    assert_eq!(figure(&other.anonymous(), "bus_heard_total").await, 0.0);
    assert!(figure(&pair.there.anonymous(), "bus_heard_total").await >= 10.0);
}

#[tokio::test]
async fn a_node_that_is_cut_off_from_redis_is_missed_by_the_others_and_served_by_the_database() {
    let redis = RedisServer::start().await;
    let way = Proxy::before(redis.address()).await;
    let here = TestApp::with(|settings| {
        settings.set("REDIS_URL", redis.url());
    })
    .await;
    let there = TestApp::second_node_with(&here, |settings| {
        settings.set("REDIS_URL", format!("redis://{}", way.address));
    })
    .await;
    let (chat, ana, ben) = Chat::direct(&here).await;
    let mut reader = ben.socket().await;
    chat.join(&reader, None).await;
    // What the one that isn't cut off says of Redis: it answers.
    let misses = async |somebody: bool| {
        eventually(async || {
            let check = &here.anonymous().get("//health").await.expect(200).body["checks"]["redis"];
            (check["status"] == "ok" && check["detail"].is_string() == somebody).then_some(())
        })
        .await;
    };
    says_of_redis(&there, "ok").await;
    misses(false).await;
    way.stall();
    says_of_redis(&there, "error").await;
    misses(true).await;
    chat.send(&ana.on(&there), "from the one that is cut off").await;
    assert_eq!(reader.next("receiveMessage").await["seq"], 1);
    way.heal();
    says_of_redis(&there, "ok").await;
    misses(false).await;
}
