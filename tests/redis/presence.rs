//! Who is connected elsewhere, when Redis goes and comes back.

use std::time::Duration;

use serde_json::json;

use super::nodes::says_of_redis;
use crate::support::{Chat, RedisServer, SocketClient, TestApp, User, in_time};

/// What the other node said is good for some seconds, and nothing more is known then.
const NOT_GOOD_ANY_MORE: Duration = Duration::from_secs(20);

async fn watch(socket: &SocketClient, person: &User) -> bool {
    let answer = socket.call("watchPresence", json!({ "userIds": [person.id] })).await;
    answer.expect("they may be watched")["people"][0]["online"] == true
}

async fn nodes(redis: &RedisServer) -> (TestApp, TestApp) {
    let here = TestApp::with(|settings| {
        settings.set("REDIS_URL", redis.url());
    })
    .await;
    let there = TestApp::second_node(&here).await;
    says_of_redis(&here, "ok").await;
    says_of_redis(&there, "ok").await;
    (here, there)
}

#[tokio::test]
async fn a_redis_that_is_emptied_and_comes_back_makes_nobody_go() {
    let mut redis = RedisServer::start().await;
    let (here, there) = nodes(&redis).await;
    let (_, ana, ben) = Chat::direct(&here).await;
    let cleo = here.user("cleo").await;
    Chat::group(&[&ana, &cleo]).await;
    let (mut watcher, _his, hers) = (ana.socket().await, ben.on(&there).socket().await, cleo.socket().await);
    let ids = json!({ "userIds": [ben.id, cleo.id] });
    let states = watcher.call("watchPresence", ids).await.unwrap();
    assert_eq!(
        (&states["people"][0]["online"], &states["people"][1]["online"]),
        (&json!(true), &json!(true))
    );
    redis.kill();
    says_of_redis(&here, "error").await;
    redis.restart().await;
    says_of_redis(&here, "ok").await;
    says_of_redis(&there, "ok").await;
    // Cleo goes after that, and it takes as long as it would take for Ben's node to be missed.
    drop(hers);
    assert_eq!(watcher.next("presenceChanged").await["userId"], json!(cleo.id));
    assert_eq!(watcher.events(), []);
    assert!(watch(&watcher, &ben).await, "the other node has written him anew");
}

#[tokio::test]
async fn while_redis_is_away_each_node_knows_its_own_and_hears_of_the_others_afterwards() {
    let mut redis = RedisServer::start().await;
    let (here, there) = nodes(&redis).await;
    let (_, ana, ben) = Chat::direct(&here).await;
    let (mut watcher, his) = (ana.socket().await, ben.on(&there).socket().await);
    assert!(watch(&watcher, &ben).await);
    redis.kill();
    says_of_redis(&here, "error").await;
    let told = in_time(NOT_GOOD_ANY_MORE, async || watcher.events().pop()).await;
    let (name, state) = told.expect("nobody can say that he is there");
    assert_eq!((name.as_str(), &state["online"]), ("presenceChanged", &json!(false)));
    let second = ben.socket().await;
    assert_eq!(watcher.next("presenceChanged").await["online"], true, "he is on this node");
    drop((his, second));
    assert_eq!(watcher.next("presenceChanged").await["online"], false);
    let _again = ben.on(&there).socket().await;
    redis.restart().await;
    assert_eq!(watcher.next("presenceChanged").await["online"], true, "the nodes have found each other");
}
