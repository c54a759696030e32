//! `Idempotency-Key` on registration.

use serde_json::{Value, json};

use crate::support::{PASSWORD, TestApp, in_parallel};

fn ana(password: &str) -> Value {
    json!({ "username": "ana", "email": "ana@example.com", "password": password })
}

#[tokio::test]
async fn the_same_key_again_signs_the_same_account_in() {
    let app = TestApp::start().await;
    let client = app.anonymous().with("idempotency-key", "one");
    let first = client.post("/auth/register", ana(PASSWORD)).await.expect(201);
    let second = client.post("/auth/register", ana(PASSWORD)).await.expect(201);
    assert_eq!(first.body["user"], second.body["user"]);
    assert_ne!(first.text("refreshToken"), second.text("refreshToken"), "it is another session");
}

#[tokio::test]
async fn a_key_is_no_way_around_the_password() {
    let app = TestApp::start().await;
    let client = app.anonymous().with("idempotency-key", "one");
    client.post("/auth/register", ana(PASSWORD)).await.expect(201);
    client.post("/auth/register", ana("another password")).await.problem("E_CREDENTIALS_INVALID", 401);
}

#[tokio::test]
async fn a_key_used_for_another_account_is_refused() {
    let app = TestApp::start().await;
    let client = app.anonymous().with("idempotency-key", "one");
    client.post("/auth/register", ana(PASSWORD)).await.expect(201);
    let ben = json!({ "username": "ben", "email": "ben@example.com", "password": PASSWORD });
    client.post("/auth/register", ben).await.problem("E_IDEMPOTENCY_REUSED", 422);
}

#[tokio::test]
async fn sent_many_times_at_once_it_makes_one_account() {
    let app = TestApp::start().await;
    let client = app.anonymous().with("idempotency-key", "one");
    let answers = in_parallel(8, |_| {
        let client = client.clone();
        async move { client.post("/auth/register", ana(PASSWORD)).await }
    })
    .await;
    for answer in &answers {
        assert_eq!(answer.status, 201, "{}", answer.body);
        assert_eq!(answer.body["user"]["id"], answers[0].body["user"]["id"]);
    }
    assert_eq!(app.database.number("SELECT COUNT(*) FROM users").await, 1);
}
