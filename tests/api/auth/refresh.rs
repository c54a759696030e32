use chrono::TimeDelta;
use serde_json::json;

use crate::support::{Answer, TestApp, User, in_parallel};

async fn refresh(app: &TestApp, token: &str) -> Answer {
    app.anonymous().post("/auth/refresh", json!({ "refreshToken": token })).await
}

async fn renewed(app: &TestApp, token: &str) -> User {
    User::signed_in(app, &refresh(app, token).await.expect(200).body)
}

#[tokio::test]
async fn a_token_is_exchanged_for_a_pair() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let answer = refresh(&app, &ana.refresh_token).await.expect(200);
    assert_eq!(answer.body["user"]["id"], ana.id.as_str());
    assert_eq!(answer.body["expiresIn"], 900);
    assert_ne!(answer.text("refreshToken"), ana.refresh_token);

    let again = User::signed_in(&app, &answer.body);
    again.get("/users/me").await.expect(200);
    let third = renewed(&app, &again.refresh_token).await;
    assert_ne!(third.refresh_token, again.refresh_token);
}

#[tokio::test]
async fn within_the_grace_the_same_successor_comes_back() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let first = renewed(&app, &ana.refresh_token).await;
    app.outside.clock.advance(TimeDelta::seconds(18));
    let second = renewed(&app, &ana.refresh_token).await;
    assert_eq!(first.refresh_token, second.refresh_token);
    renewed(&app, &second.refresh_token).await;
}

#[tokio::test]
async fn fifty_at_once_mint_one_successor() {
    let app = TestApp::start().await;
    let other = TestApp::second_node(&app).await;
    let ana = app.user("ana").await;
    let nodes = [app.anonymous(), other.anonymous()];
    let answers = in_parallel(50, |number| {
        let (client, token) = (nodes[number % 2].clone(), ana.refresh_token.clone());
        async move { client.post("/auth/refresh", json!({ "refreshToken": token })).await }
    })
    .await;
    for answer in &answers {
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.text("refreshToken"), answers[0].text("refreshToken"));
    }
    assert_eq!(app.database.number("SELECT generation FROM sessions").await, 1);
    refresh(&app, &answers[0].text("refreshToken")).await.expect(200);
}

#[tokio::test]
async fn reuse_after_the_grace_ends_the_family() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let elsewhere = app.sign_in("ana").await;
    let next = renewed(&app, &ana.refresh_token).await;
    app.outside.clock.advance(TimeDelta::seconds(21));

    refresh(&app, &ana.refresh_token).await.problem("E_REFRESH_REUSED", 401);
    refresh(&app, &next.refresh_token).await.problem("E_SESSION_ENDED", 401);
    next.get("/users/me").await.problem("E_SESSION_ENDED", 401);
    ana.get("/users/me").await.problem("E_SESSION_ENDED", 401);
    // Another login of the same person is another family.
    elsewhere.get("/users/me").await.expect(200);
    refresh(&app, &elsewhere.refresh_token).await.expect(200);
}

#[tokio::test]
async fn the_grace_is_for_the_last_token_only() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let next = renewed(&app, &ana.refresh_token).await;
    let last = renewed(&app, &next.refresh_token).await;
    refresh(&app, &ana.refresh_token).await.problem("E_REFRESH_REUSED", 401);
    refresh(&app, &last.refresh_token).await.problem("E_SESSION_ENDED", 401);
}

#[tokio::test]
async fn refreshing_does_not_make_a_session_last_for_ever() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    app.outside.clock.advance(TimeDelta::days(6));
    let next = renewed(&app, &ana.refresh_token).await;
    app.outside.clock.advance(TimeDelta::hours(25));
    refresh(&app, &next.refresh_token).await.problem("E_SESSION_ENDED", 401);
    // The gate forgets what it read seven days ago, whatever it remembers for seconds.
    next.get("/users/me").await.expect(401);
}

#[tokio::test]
async fn logging_out_ends_it_and_may_be_repeated() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    ana.get("/users/me").await.expect(200);
    let body = json!({ "refreshToken": ana.refresh_token });
    app.anonymous().post("/auth/logout", body.clone()).await.expect(204);
    ana.get("/users/me").await.problem("E_SESSION_ENDED", 401);
    refresh(&app, &ana.refresh_token).await.problem("E_SESSION_ENDED", 401);
    app.anonymous().post("/auth/logout", body).await.expect(204);
}

#[tokio::test]
async fn what_is_not_a_refresh_token_is_refused() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let mut forged = ana.refresh_token.clone().into_bytes();
    // A character of the generation: the signature doesn't fit any more.
    forged[30] = if forged[30] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).unwrap();
    for token in ["x", "not.a.token", &ana.access_token[..256], &forged] {
        refresh(&app, token).await.problem("E_REFRESH_INVALID", 401);
        let body = json!({ "refreshToken": token });
        app.anonymous().post("/auth/logout", body).await.problem("E_REFRESH_INVALID", 401);
    }
    refresh(&app, "").await.invalid(&[("/refreshToken", "too_short")]);
    refresh(&app, &"x".repeat(257)).await.invalid(&[("/refreshToken", "too_long")]);
    refresh(&app, &ana.refresh_token).await.expect(200);
}
