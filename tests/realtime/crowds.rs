//! R12: so many sockets a user, on all nodes together, and so many an address.

use serde_json::json;

use crate::support::{Closed, RawConnection, SocketClient, TestApp, eventually, figure, raw};

#[tokio::test]
async fn of_a_users_sockets_the_oldest_goes() {
    let app = TestApp::with(|settings| {
        settings.set("MAX_SOCKETS_PER_USER", 3);
    })
    .await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let other = ben.socket().await;
    let mut sockets = Vec::new();
    for _ in 0..5 {
        sockets.push(ana.socket().await);
    }
    for old in &mut sockets[..2] {
        assert_eq!(old.next("revoked").await, json!({ "reason": "tooManySockets" }));
        assert_eq!(old.closed().await, Closed::Namespace);
    }
    for living in sockets[2..].iter().chain([&other]) {
        living.call("unheardOf", json!({})).await.unwrap_err();
    }
    eventually(async || {
        (figure(&app.anonymous(), "websocket_connections_active").await == 4.0).then_some(())
    })
    .await;
    assert_eq!(figure(&app.anonymous(), "websocket_limits_total").await, 2.0);
}

#[tokio::test]
async fn a_users_sockets_are_counted_on_all_nodes_and_those_of_dead_nodes_arent() {
    let app = TestApp::with(|settings| {
        settings.set("MAX_SOCKETS_PER_USER", 3);
    })
    .await;
    let second = TestApp::second_node(&app).await;
    let third = TestApp::second_node(&app).await;
    let ana = app.user("ana").await;
    let mut first = ana.socket().await;
    let mut on_second = ana.on(&second).socket().await;
    let on_third = ana.on(&third).socket().await;
    let _newest = ana.socket().await;
    assert_eq!(first.next("revoked").await["reason"], "tooManySockets");
    let _newer = ana.on(&third).socket().await;
    assert_eq!(on_second.next("revoked").await["reason"], "tooManySockets");

    // A node that has stopped takes its sockets with it.
    drop(on_third);
    third.stop();
    let mut others = vec![ana.on(&second).socket().await, ana.socket().await];
    for living in &mut others {
        living.call("renew", json!({ "token": ana.access_token })).await.unwrap();
        assert_eq!(living.events(), []);
    }
}

/// A greeting asked for by somebody at this address, through a proxy; what the answer says.
async fn greeted(app: &TestApp, address: &str) -> (RawConnection, String) {
    let mut connection = app.raw().await;
    let head = format!("x-forwarded-for: 1.2.3.4, {address}\r\n");
    connection
        .write(&format!("GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nhost: x\r\n{head}\r\n"))
        .await;
    let answer = connection.read_answer().await.unwrap();
    (connection, answer)
}

#[tokio::test]
async fn a_crowded_address_gets_no_more_sockets_whether_they_say_who_they_are_or_not() {
    let app = TestApp::with(|settings| {
        settings.set("MAX_SOCKETS_PER_ADDRESS", 2).set("TRUSTED_PROXIES", "127.0.0.0/8");
    })
    .await;
    let ana = app.user("ana").await;
    for _ in 0..2 {
        assert_eq!(raw::status(&greeted(&app, "198.51.100.7").await.1), 200);
    }
    let refused = SocketClient::connect_from("198.51.100.7", app.address, &ana.access_token).await.err();
    assert_eq!(refused.as_deref(), Some("E_TOO_MANY_SOCKETS"));
    assert_eq!(raw::status(&greeted(&app, "198.51.100.7").await.1), 200);
    let (_, answer) = greeted(&app, "198.51.100.7").await;
    assert_eq!((raw::status(&answer), &raw::body(&answer)["code"]), (429, &json!("E_TOO_MANY_SOCKETS")));
    assert_eq!(raw::status(&greeted(&app, "198.51.100.8").await.1), 200, "others have their own");
    // Who never says who it is, gives its place back when its time is over.
    eventually(async || (raw::status(&greeted(&app, "198.51.100.7").await.1) == 200).then_some(())).await;
}

#[tokio::test]
async fn an_addresses_sockets_are_counted_on_all_nodes_and_those_of_dead_nodes_arent() {
    let app = TestApp::with(|settings| {
        settings.set("MAX_SOCKETS_PER_ADDRESS", 3).set("TRUSTED_PROXIES", "127.0.0.0/8");
    })
    .await;
    let second = TestApp::second_node(&app).await;
    let ana = app.user("ana").await;
    let connect =
        async |at: &TestApp| SocketClient::connect_from("198.51.100.7", at.address, &ana.access_token).await;
    let mut there = Vec::new();
    for _ in 0..3 {
        there.push(connect(&second).await.unwrap());
    }
    let refused = async || connect(&app).await.err().filter(|code| code == "E_TOO_MANY_SOCKETS");
    eventually(refused).await;
    // With others on the same node it is no different.
    assert!(connect(&second).await.is_err());
    drop(there);
    second.stop();
    let _here = eventually(async || connect(&app).await.ok()).await;
}

#[tokio::test]
async fn what_nobody_trusted_says_of_an_address_counts_for_nothing() {
    let app = TestApp::with(|settings| {
        settings.set("MAX_SOCKETS_PER_ADDRESS", 1);
    })
    .await;
    for _ in 0..5 {
        assert_eq!(raw::status(&greeted(&app, "198.51.100.7").await.1), 200);
    }
}
