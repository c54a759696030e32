use serde_json::json;

use crate::support::{Closed, SocketClient, TestApp, eventually, figure};

#[tokio::test]
async fn a_token_opens_a_socket_and_renews_it() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let socket = ana.socket().await;
    let renewed = socket.call("renew", json!({ "token": ana.access_token })).await.unwrap();
    assert!(renewed["expiresAt"].is_string());
    eventually(async || {
        (figure(&app.anonymous(), "websocket_connections_active").await == 1.0).then_some(())
    })
    .await;
    drop(socket);
    eventually(async || {
        (figure(&app.anonymous(), "websocket_connections_active").await == 0.0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_refusal_says_why() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let refusal = async |token: &str| app.socket(token).await.err();
    assert_eq!(refusal("nonsense").await.as_deref(), Some("E_TOKEN_INVALID"));
    assert_eq!(SocketClient::connect(app.address, None).await.err().as_deref(), Some("E_TOKEN_MISSING"));
    ana.delete("/auth/sessions").await.expect(204);
    assert_eq!(refusal(&ana.access_token).await.as_deref(), Some("E_SESSION_ENDED"));
}

#[tokio::test]
async fn a_refused_event_carries_the_problem_that_rest_would() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let mut socket = ana.socket().await;
    let problem = socket.call("renew", json!({ "token": "nonsense" })).await.unwrap_err();
    assert_eq!((&problem["code"], &problem["status"]), (&json!("E_TOKEN_INVALID"), &json!(401)));
    let problem = socket.call("renew", json!({ "jeton": 1 })).await.unwrap_err();
    assert_eq!((&problem["code"], &problem["instance"]), (&json!("E_INVALID"), &json!("renew")));
    let wrong = problem["errors"].as_array().unwrap().iter().map(|error| (&error["pointer"], &error["code"]));
    let mut wrong: Vec<_> = wrong.map(|(pointer, code)| format!("{pointer} {code}")).collect();
    wrong.sort();
    assert_eq!(wrong, ["\"/jeton\" \"unknown_field\"", "\"/token\" \"required\""]);

    // Whoever asked for no answer is told by an event.
    socket.emit("unheardOf", json!({}));
    let problem = socket.next("exception").await;
    assert_eq!(problem["code"], "E_EVENT_UNKNOWN");
    assert_eq!(socket.events(), []);
}

#[tokio::test]
async fn logging_out_ends_the_sockets_of_the_session() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let elsewhere = app.sign_in("ana").await;
    let (mut socket, other) = (ana.socket().await, elsewhere.socket().await);
    app.anonymous().post("/auth/logout", json!({ "refreshToken": ana.refresh_token })).await.expect(204);
    assert_eq!(socket.next("revoked").await, json!({ "reason": "loggedOut" }));
    assert_eq!(socket.closed().await, Closed::Namespace);
    other.call("renew", json!({ "token": elsewhere.access_token })).await.unwrap();
}
