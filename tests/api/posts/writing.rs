use serde_json::json;
use uuid::Uuid;

use crate::support::TestApp;

#[tokio::test]
async fn a_post_is_written_and_read_by_everybody() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let made = ana.post("/posts", json!({ "content": "Hello,\n<b>world</b> 🦜" })).await.expect(201);
    let location = made.header("location").unwrap();
    assert_eq!(location, format!("/api/v1/posts/{}", made.text("id")));

    let read = ben.get(&format!("/{location}")).await.expect(200);
    assert_eq!(read.body, made.body);
    assert!(read.header("etag").unwrap().starts_with("\"1-"));
    assert_eq!(read.body["content"], "Hello,\n<b>world</b> 🦜", "kept as typed");
    let author = json!({ "id": ana.id, "username": "ana", "displayName": null, "avatarUrl": null });
    assert_eq!(read.body["author"], author);
    assert_eq!(read.body["reactions"], json!({}));
    assert_eq!(read.body["myReaction"], json!(null));
    assert_eq!(read.body["commentCount"], 0);
    assert_eq!(read.body["editedAt"], json!(null));
    let created = read.text("createdAt");
    assert!(created.len() == 24 && created.ends_with('Z'), "UTC to the millisecond: {created}");
}

#[tokio::test]
async fn the_author_is_shown_as_they_are_now() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let id = ana.write("hello").await;
    ana.patch("/users/me", json!({ "displayName": "Ana A." })).await.expect(200);
    let read = ana.get(&format!("/posts/{id}")).await.expect(200);
    assert_eq!(read.body["author"]["displayName"], "Ana A.");
}

#[tokio::test]
async fn content_has_its_bounds() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    ana.post("/posts", json!({ "content": "🦜".repeat(5000) })).await.expect(201);
    for (content, code) in [
        (json!("x".repeat(5001)), "too_long"),
        (json!(" \n\t"), "blank"),
        (json!(null), "type"),
        (json!(["x"]), "type"),
    ] {
        ana.post("/posts", json!({ "content": content })).await.invalid(&[("/content", code)]);
    }
    let empty = [("/content", "too_short"), ("/content", "blank")];
    ana.post("/posts", json!({ "content": "" })).await.invalid(&empty);
    ana.post("/posts", json!({})).await.invalid(&[("/content", "required")]);
    let both = json!({ "content": "x", "authorId": ana.id, "likeCount": 7 });
    ana.post("/posts", both)
        .await
        .invalid(&[("/authorId", "unknown_field"), ("/likeCount", "unknown_field")]);
    let nul = ana.post("/posts", json!({ "content": "a\0b" })).await.problem("E_INVALID", 422);
    assert_eq!(nul.body["errors"][0]["pointer"], "/content");
    assert_eq!(app.database.number("SELECT COUNT(*) FROM posts").await, 1);
}

#[tokio::test]
async fn only_people_who_signed_in_read_and_write() {
    let app = TestApp::start().await;
    let anonymous = app.anonymous();
    let path = format!("/posts/{}", Uuid::new_v4());
    anonymous.get("/posts").await.problem("E_TOKEN_MISSING", 401);
    anonymous.get(&path).await.problem("E_TOKEN_MISSING", 401);
    anonymous.delete(&path).await.problem("E_TOKEN_MISSING", 401);
    // Who asks comes before what they say.
    anonymous.post("/posts", json!({ "nonsense": 1 })).await.problem("E_TOKEN_MISSING", 401);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let path = format!("/posts/{}", Uuid::new_v4());
    ana.get(&path).await.problem("E_NOT_FOUND", 404);
    ana.delete(&path).await.problem("E_NOT_FOUND", 404);
    ana.patch(&path, json!({ "content": "x" })).await.problem("E_NOT_FOUND", 404);
    ana.put(&format!("{path}/reactions/like"), json!({})).await.problem("E_NOT_FOUND", 404);
    ana.delete(&format!("{path}/reactions/like")).await.problem("E_NOT_FOUND", 404);
    // An id of something else is no post's id.
    ana.get(&format!("/posts/{}", ana.id)).await.problem("E_NOT_FOUND", 404);
    ana.get("/posts/nonsense").await.problem("E_NOT_FOUND", 404);
}
