//! Sessions end and their sockets with them, at once; a token is outlived only by renewing it.

use chrono::TimeDelta;
use serde_json::json;

use crate::support::{Chat, Closed, Held, PollingClient, TestApp, User, eventually};

#[tokio::test]
async fn suspending_ends_sessions_and_sockets_at_once() {
    let app = TestApp::start().await;
    let admin = app.admin("root").await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let chat = Chat::group(&[&ana, &ben]).await;
    let mut socket = ben.socket().await;
    chat.join(&socket, None).await;
    admin.patch(&format!("/admin/users/{}", ben.id), json!({ "status": "suspended" })).await.expect(200);
    chat.send(&ana, "not for ben").await;
    assert_eq!(socket.next("revoked").await, json!({ "reason": "accountSuspended" }));
    assert_eq!(socket.closed().await, Closed::Namespace);
    assert!(socket.events().iter().all(|(name, _)| name != "receiveMessage"));
    ben.get("/users/me").await.problem("E_SESSION_ENDED", 401);
    assert_eq!(app.socket(&ben.access_token).await.err().as_deref(), Some("E_SESSION_ENDED"));
}

#[tokio::test]
async fn a_demotion_takes_effect_with_the_next_event() {
    let app = TestApp::start().await;
    let (root, second) = (app.admin("root").await, app.admin("second").await);
    second.get("/admin/audit").await.expect(200);
    root.patch(&format!("/admin/users/{}", second.id), json!({ "role": "user" })).await.expect(200);
    second.get("/admin/audit").await.problem("E_FORBIDDEN", 403);
    second.get("/users/me").await.expect(200);
}

#[tokio::test]
async fn a_socket_lives_as_long_as_its_token_unless_it_renews() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let (mut expiring, mut renewing) = (ana.socket().await, ana.socket().await);
    app.outside.clock.advance(TimeDelta::minutes(14));
    let body = json!({ "refreshToken": ana.refresh_token });
    let fresh = User::signed_in(&app, &app.anonymous().post("/auth/refresh", body).await.expect(200).body);
    renewing.call("renew", json!({ "token": fresh.access_token })).await.unwrap();
    let other = app.user("ben").await;
    let problem = renewing.call("renew", json!({ "token": other.access_token })).await.unwrap_err();
    assert_eq!(problem["code"], "E_TOKEN_INVALID", "somebody else's token renews nothing");

    app.outside.clock.advance(TimeDelta::minutes(2));
    assert_eq!(expiring.next("revoked").await, json!({ "reason": "tokenExpired" }));
    assert_eq!(expiring.closed().await, Closed::Namespace);
    renewing.call("renew", json!({ "token": fresh.access_token })).await.unwrap();
    assert_eq!(renewing.events(), []);
}

#[tokio::test]
async fn only_a_good_token_of_the_same_session_renews_and_none_shortens() {
    let app = TestApp::start().await;
    let (ana, phone) = (app.user("ana").await, app.sign_in("ana").await);
    let mut socket = ana.socket().await;
    let renew = async |token: &str| socket.call("renew", json!({ "token": token })).await;
    assert_eq!(renew(&phone.access_token).await.unwrap_err()["code"], "E_TOKEN_INVALID", "another session's");

    app.outside.clock.advance(TimeDelta::minutes(10));
    let body = json!({ "refreshToken": ana.refresh_token });
    let fresh = User::signed_in(&app, &app.anonymous().post("/auth/refresh", body).await.expect(200).body);
    let until = renew(&fresh.access_token).await.unwrap();
    assert_eq!(renew(&ana.access_token).await.unwrap(), until, "an older one takes nothing away");
    app.outside.clock.advance(TimeDelta::minutes(10));
    assert_eq!(renew(&ana.access_token).await.unwrap_err()["code"], "E_TOKEN_EXPIRED");
    assert_eq!(renew(&fresh.access_token).await.unwrap(), until);

    app.outside.clock.advance(TimeDelta::minutes(6));
    assert_eq!(socket.next("revoked").await, json!({ "reason": "tokenExpired" }));
    let back = app.socket(&fresh.access_token).await.err();
    assert_eq!(back.as_deref(), Some("E_TOKEN_EXPIRED"));
}

#[tokio::test]
async fn a_stopping_server_tells_its_sockets_and_cuts_them() {
    let app = TestApp::with(|settings| {
        settings.set("DRAIN_NOTICE_SECS", 1);
    })
    .await;
    let ana = app.user("ana").await;
    let mut socket = ana.socket().await;
    let (ready, live) = (app.anonymous(), app.anonymous());
    app.begin_stop();
    eventually(async || (ready.get("//health/ready").await.status == 503).then_some(())).await;
    live.get("//health/live").await.expect(200);
    let refused = live.get("//socket.io/?EIO=4&transport=polling").await.problem("E_UNAVAILABLE", 503);
    assert_eq!(refused.header("retry-after"), Some("1"), "no new sockets from the first moment on");
    let told = socket.next("draining").await;
    assert!((250..=1750).contains(&told["retryAfterMs"].as_u64().unwrap()), "{told}");
    assert_eq!(socket.closed().await, Closed::Transport, "an official client reconnects after this");
    app.stop();
}

#[tokio::test]
async fn whoever_polls_on_ever_new_connections_is_told_too() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let client = PollingClient::connect(Held::plain(app.address).await, &ana.access_token).await;
    client.poll_until("welcome").await;
    let before = Held::plain(app.address).await;
    app.begin_stop();
    eventually(async || (before.get("/health/ready").await.status == 503).then_some(())).await;
    let told = Held::plain(app.address).await.get(client.path()).await;
    assert!(told.text.starts_with("42[\"draining\""), "{} {}", told.status, told.text);
    app.stop();
}
