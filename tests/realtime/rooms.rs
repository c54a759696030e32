//! What is done to rooms is done on all nodes.

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::{Closed, SocketClient, TestApp, eventually};

/// Two nodes, and a socket on each.
async fn world() -> (TestApp, TestApp, SocketClient, SocketClient) {
    let app = TestApp::start().await;
    let second = TestApp::second_node(&app).await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let (here, there) = (ana.socket().await, ben.on(&second).socket().await);
    // The nodes know of each other.
    eventually(async || (app.inside.io.fetch_sockets().await.ok()?.len() == 2).then_some(())).await;
    (app, second, here, there)
}

#[tokio::test]
async fn everybody_is_found_wherever_they_are_connected() {
    let (app, second, here, there) = world().await;
    let both = BTreeSet::from([here.sid.clone(), there.sid.clone()]);
    for node in [&app, &second] {
        let found = node.inside.io.fetch_sockets().await.unwrap();
        assert_eq!(found.iter().map(|socket| socket.data().id.to_string()).collect::<BTreeSet<_>>(), both);
    }
}

#[tokio::test]
async fn a_room_is_joined_spoken_to_and_left_across_nodes() {
    let (app, second, mut here, mut there) = world().await;
    app.inside.io.clone().join("kitchen").await.unwrap();
    let in_it = async |count: usize| {
        eventually(async || {
            (second.inside.io.to("kitchen").fetch_sockets().await.ok()?.len() == count).then_some(())
        })
        .await;
    };
    in_it(2).await;
    let notice = json!({ "retryAfterMs": 7 });
    app.inside.io.to("kitchen").emit("draining", &notice).await.unwrap();
    assert_eq!((here.next("draining").await, there.next("draining").await), (notice.clone(), notice.clone()));
    second.inside.io.clone().leave("kitchen").await.unwrap();
    in_it(0).await;
}

#[tokio::test]
async fn sockets_of_another_node_are_disconnected() {
    let (app, second, here, mut there) = world().await;
    let on_its_node = second.inside.io.get_socket(there.sid.parse().unwrap());
    on_its_node.expect("it is connected").join("out");
    app.inside.io.to("out").disconnect().await.unwrap();
    assert_eq!(there.closed().await, Closed::Namespace);
    here.call("typing", json!({})).await.unwrap_err();
}
