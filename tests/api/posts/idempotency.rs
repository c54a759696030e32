use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, TestApp, in_parallel};

#[tokio::test]
async fn the_same_key_again_gives_the_post_of_the_first_time() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let keyed = ana.with("idempotency-key", "one");
    let first = keyed.post("/posts", json!({ "content": "hello" })).await.expect(201);
    let again = keyed.post("/posts", json!({ "content": "hello" })).await.expect(201);
    assert_eq!((&again.body, again.header("location")), (&first.body, first.header("location")));

    // Without a key, and with another one, it is another post.
    ana.post("/posts", json!({ "content": "hello" })).await.expect(201);
    ana.with("idempotency-key", "two").post("/posts", json!({ "content": "hello" })).await.expect(201);
    assert_eq!(app.database.number("SELECT COUNT(*) FROM posts").await, 3);
}

#[tokio::test]
async fn a_repeated_request_shows_the_post_as_it_is_now() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let keyed = ana.with("idempotency-key", "one");
    let id = keyed.post("/posts", json!({ "content": "hello" })).await.expect(201).text("id");
    ana.patch(&format!("/posts/{id}"), json!({ "content": "edited" })).await.expect(200);
    let again = keyed.post("/posts", json!({ "content": "hello" })).await.expect(201);
    assert_eq!((again.text("id"), &again.body["content"]), (id, &json!("edited")));
}

#[tokio::test]
async fn a_key_used_for_another_text_is_refused() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let keyed = ana.with("idempotency-key", "one");
    keyed.post("/posts", json!({ "content": "hello" })).await.expect(201);
    keyed.post("/posts", json!({ "content": "goodbye" })).await.problem("E_IDEMPOTENCY_REUSED", 422);
    assert_eq!(app.database.number("SELECT COUNT(*) FROM posts").await, 1);
}

#[tokio::test]
async fn a_key_is_its_users_own() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let hello = json!({ "content": "hello" });
    let of_ana = ana.with("idempotency-key", "one").post("/posts", hello.clone()).await.expect(201);
    let of_ben = ben.with("idempotency-key", "one").post("/posts", hello).await.expect(201);
    assert_ne!(of_ana.text("id"), of_ben.text("id"));
    assert_eq!(of_ben.body["author"]["username"], "ben");
}

#[tokio::test]
async fn a_refused_request_does_not_use_its_key_up() {
    let app = TestApp::start().await;
    let keyed = app.user("ana").await.with("idempotency-key", "one");
    keyed.post("/posts", json!({ "content": "" })).await.problem("E_INVALID", 422);
    keyed.post("/posts", json!({ "content": "hello" })).await.expect(201);
}

#[tokio::test]
async fn fifty_at_once_with_one_key_make_one_post() {
    let app = TestApp::start().await;
    let other = TestApp::second_node(&app).await;
    let ana = app.user("ana").await;
    let nodes = [ana.with("idempotency-key", "one"), ana.on(&other).with("idempotency-key", "one")];
    let answers = in_parallel(50, |number| {
        let client = nodes[number % 2].clone();
        async move { client.post("/posts", json!({ "content": "hello" })).await }
    })
    .await;
    for answer in &answers {
        assert_eq!(answer.status, 201, "{}", answer.body);
        assert_eq!(answer.body, answers[0].body);
    }
    assert_eq!(app.database.number("SELECT COUNT(*) FROM posts").await, 1);
}

#[tokio::test]
async fn a_key_is_short_and_visible() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    for key in ["", "two words", &"k".repeat(256)] {
        let keyed = ana.with("idempotency-key", key);
        keyed
            .post("/posts", json!({ "content": "hello" }))
            .await
            .invalid(&[("header:Idempotency-Key", "invalid")]);
    }
    let bytes = ana.build(Method::POST, "/posts").header("idempotency-key", &b"\xd7"[..]);
    let answer = Answer::of(bytes.json(&json!({ "content": "hello" }))).await;
    answer.invalid(&[("header:Idempotency-Key", "invalid")]);
    let longest = ana.with("idempotency-key", &"k".repeat(255));
    longest.post("/posts", json!({ "content": "hello" })).await.expect(201);
}
