//! Access tokens: what passes the gate, and how the rest is told.

use chrono::TimeDelta;

use crate::support::TestApp;

#[tokio::test]
async fn without_one_a_401_says_how_to_authenticate() {
    let app = TestApp::start().await;
    let answer = app.anonymous().get("/users/me").await.problem("E_TOKEN_MISSING", 401);
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
}

#[tokio::test]
async fn what_is_not_one_is_refused() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let (head, rest) = ana.access_token.split_once('.').unwrap();
    let (claims, signature) = rest.split_once('.').unwrap();
    let ben = app.user("ben").await.access_token;
    let of_ben = ben.split('.').nth(1).unwrap();
    for header in [
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        "Bearer nonsense".to_owned(),
        format!("Basic {}", ana.access_token),
        format!("Bearer {}", ana.refresh_token),
        format!("Bearer {head}.{claims}."),
        format!("Bearer {head}.{of_ben}.{signature}"),
        format!("Bearer eyJhbGciOiJub25lIn0.{claims}."),
        format!("Bearer {} {}", ana.access_token, ana.access_token),
    ] {
        let client = app.anonymous().with("authorization", &header);
        client.get("/users/me").await.problem("E_TOKEN_INVALID", 401);
    }
    let client = app.anonymous().with("authorization", &format!("bEaReR {}", ana.access_token));
    client.get("/users/me").await.expect(200);
}

#[tokio::test]
async fn it_expires() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    app.outside.clock.advance(TimeDelta::seconds(890));
    ana.get("/users/me").await.expect(200);
    // Fifteen minutes and the leeway between clocks.
    app.outside.clock.advance(TimeDelta::seconds(25));
    ana.get("/users/me").await.problem("E_TOKEN_EXPIRED", 401);
    app.sign_in("ana").await.get("/users/me").await.expect(200);
}

#[tokio::test]
async fn one_from_an_installation_with_another_key_is_refused() {
    let app = TestApp::start().await;
    let other = TestApp::with(|settings| {
        settings.set("JWT_SECRET", "another installation's key, of its own choice");
    })
    .await;
    let ana = other.user("ana").await;
    app.anonymous().bearing(&ana.access_token).get("/users/me").await.problem("E_TOKEN_INVALID", 401);
}

#[tokio::test]
async fn it_counts_in_the_header_only() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let path = format!("/users/me?access_token={0}&token={0}", ana.access_token);
    app.anonymous().get(&path).await.problem("E_TOKEN_MISSING", 401);
}
