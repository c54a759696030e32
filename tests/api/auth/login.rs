use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{Answer, Client, PASSWORD, TestApp};

async fn login(client: &Client, login: &str, password: &str) -> Answer {
    client.post("/auth/login", json!({ "login": login, "password": password })).await
}

#[tokio::test]
async fn by_username_or_email_in_any_case() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    for name in ["ana", "ANA", "ana@example.com", "Ana@EXAMPLE.com", " ana "] {
        let answer = login(&app.anonymous(), name, PASSWORD).await.expect(200);
        assert_eq!(answer.body["user"]["id"], ana.id.as_str(), "{name}");
        let client = app.anonymous().bearing(&answer.text("accessToken"));
        client.get("/users/me").await.expect(200);
    }
}

#[tokio::test]
async fn an_unknown_user_and_a_wrong_password_look_the_same() {
    let app = TestApp::start().await;
    app.user("ana").await;
    let mut answers = Vec::new();
    for (name, password) in
        [("ana", "wrong password"), ("nobody", PASSWORD), ("nobody@example.com", PASSWORD), ("%", PASSWORD)]
    {
        let mut answer = login(&app.anonymous(), name, password).await.problem("E_CREDENTIALS_INVALID", 401);
        answer.body["requestId"] = json!("");
        for header in ["x-request-id", "date"] {
            answer.headers.remove(header);
        }
        answers.push((answer.body, answer.headers));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

/// The least of several, taken in turns until they agree: what else runs on this machine only ever adds.
#[tokio::test]
async fn an_unknown_user_and_a_wrong_password_take_the_same_time() {
    let app = TestApp::start().await;
    app.user("ana").await;
    let client = app.anonymous();
    let timed = async |name: &str| {
        let started = Instant::now();
        login(&client, name, "wrong password").await.expect(401);
        started.elapsed()
    };
    let (mut known, mut unknown) = (Duration::MAX, Duration::MAX);
    for round in 1..=100 {
        known = known.min(timed("ana").await);
        unknown = unknown.min(timed("nobody").await);
        let ratio = unknown.as_secs_f64() / known.as_secs_f64();
        if round >= 5 && (0.7..1.4).contains(&ratio) {
            return;
        }
    }
    panic!("{known:?} for a known user, {unknown:?} for an unknown one");
}

#[tokio::test]
async fn a_suspended_account_is_shut_out() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    app.set_user("ana", "status", "suspended").await;

    login(&app.anonymous(), "ana", PASSWORD).await.problem("E_ACCOUNT_SUSPENDED", 403);
    // Whoever doesn't know the password doesn't learn of it.
    login(&app.anonymous(), "ana", "wrong password").await.problem("E_CREDENTIALS_INVALID", 401);
    let refresh = json!({ "refreshToken": ana.refresh_token });
    app.anonymous().post("/auth/refresh", refresh).await.problem("E_SESSION_ENDED", 401);
    app.let_memories_fade();
    ana.get("/users/me").await.problem("E_SESSION_ENDED", 401);

    app.set_user("ana", "status", "active").await;
    login(&app.anonymous(), "ana", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn what_is_missing_or_unknown_is_named() {
    let app = TestApp::start().await;
    let missing = [("/login", "required"), ("/password", "required")];
    app.anonymous().post("/auth/login", json!({})).await.invalid(&missing);
    let body = json!({ "login": "ana", "password": PASSWORD, "username": "ana" });
    app.anonymous().post("/auth/login", body).await.invalid(&[("/username", "unknown_field")]);
    let body = json!({ "login": "", "password": "x".repeat(257) });
    app.anonymous()
        .post("/auth/login", body)
        .await
        .invalid(&[("/login", "too_short"), ("/password", "too_long")]);
}
