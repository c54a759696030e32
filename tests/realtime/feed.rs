//! R14, R15: what one node changes takes effect on another that hears of it from the database alone. The clock
//! stands still in all of these, so that nothing is forgotten but what was told.

use serde_json::json;

use crate::support::{Chat, Closed, SocketClient, TestApp, User, eventually};

/// A person who is signed in, and known, on a node that shares nothing but the database; and a socket there.
async fn known_apart(app: &TestApp) -> (TestApp, User, User, SocketClient) {
    let apart = TestApp::node_apart(app).await;
    let ana = app.user("ana").await;
    let there = ana.on(&apart);
    there.get("/users/me").await.expect(200);
    let socket = there.socket().await;
    (apart, ana, there, socket)
}

/// The socket neither receives nor sends any more, and neither does REST.
async fn is_over(mut socket: SocketClient, there: &User, reason: &str) {
    assert_eq!(socket.next("revoked").await, json!({ "reason": reason }));
    assert_eq!(socket.closed().await, Closed::Namespace);
    there.get("/users/me").await.problem("E_SESSION_ENDED", 401);
    assert_eq!(socket.events(), []);
}

#[tokio::test]
async fn a_session_that_is_ended_on_one_node_is_over_on_another() {
    let app = TestApp::start().await;
    let (_apart, ana, there, socket) = known_apart(&app).await;
    let phone = app.sign_in("ana").await;
    let sessions = ana.get("/auth/sessions").await.expect(200);
    let current = sessions.items().iter().find(|session| session["current"] == true).unwrap();
    phone.delete(&format!("/auth/sessions/{}", current["id"].as_str().unwrap())).await.expect(204);
    is_over(socket, &there, "sessionEnded").await;
    phone.get("/users/me").await.expect(200);
}

#[tokio::test]
async fn the_reason_is_told_there_too() {
    let app = TestApp::start().await;
    let (_apart, ana, there, socket) = known_apart(&app).await;
    app.anonymous().post("/auth/logout", json!({ "refreshToken": ana.refresh_token })).await.expect(204);
    is_over(socket, &there, "loggedOut").await;
}

#[tokio::test]
async fn who_is_suspended_on_one_node_is_shut_out_on_another() {
    let app = TestApp::start().await;
    let (_apart, ana, there, socket) = known_apart(&app).await;
    let root = app.admin("root").await;
    root.patch(&format!("/admin/users/{}", ana.id), json!({ "status": "suspended" })).await.expect(200);
    is_over(socket, &there, "accountSuspended").await;
}

#[tokio::test]
async fn a_demotion_on_one_node_takes_effect_on_another() {
    let app = TestApp::start().await;
    let apart = TestApp::node_apart(&app).await;
    let (root, second) = (app.admin("root").await, app.admin("second").await);
    let there = second.on(&apart);
    there.get("/admin/audit").await.expect(200);
    root.patch(&format!("/admin/users/{}", second.id), json!({ "role": "user" })).await.expect(200);
    eventually(async || (there.get("/admin/audit").await.status == 403).then_some(())).await;
    there.get("/users/me").await.expect(200);
}

#[tokio::test]
async fn who_is_removed_on_one_node_stops_receiving_on_another() {
    let app = TestApp::start().await;
    let apart = TestApp::node_apart(&app).await;
    let (ana, ben, cleo) = (app.user("ana").await, app.user("ben").await, app.user("cleo").await);
    let chat = Chat::group(&[&ana, &ben, &cleo]).await;
    let (mut removed, mut stays) = (ben.on(&apart).socket().await, cleo.on(&apart).socket().await);
    chat.join(&removed, None).await;
    chat.join(&stays, None).await;
    ana.delete(&chat.path(&format!("members/{}", ben.id))).await.expect(204);
    chat.send(&ana, "without ben").await;
    assert_eq!(removed.next("memberChanged").await["kind"], "memberLeft");
    assert_eq!(stays.next("receiveMessage").await["seq"], 2);
    // An answer to anything at all comes after whatever was pushed before it.
    removed.call("leaveConversation", json!({ "conversationId": chat.id })).await.unwrap();
    let names: Vec<_> = removed.events().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["joinedConversation"]);
}

/// Nobody lives longer than their session, whatever is remembered of it.
#[tokio::test]
async fn a_session_whose_time_is_up_is_over_everywhere() {
    let app = TestApp::with(|settings| {
        settings.set("REFRESH_TTL_DAYS", 1).set("ACCESS_TTL_MIN", 1440);
    })
    .await;
    let ana = app.user("ana").await;
    let mut socket = ana.socket().await;
    app.outside.clock.advance(chrono::TimeDelta::days(1) - chrono::TimeDelta::seconds(1));
    ana.get("/users/me").await.expect(200);
    app.outside.clock.advance(chrono::TimeDelta::seconds(1));
    assert_eq!(socket.next("revoked").await, json!({ "reason": "tokenExpired" }));
    ana.get("/users/me").await.expect(401);
}
