use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, TestApp, User, in_parallel};

async fn post_of(user: &User) -> String {
    format!("/posts/{}", user.write("first").await)
}

#[tokio::test]
async fn an_edit_replaces_the_text_and_makes_a_new_version() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let path = post_of(&ana).await;
    app.outside.clock.advance(TimeDelta::seconds(1));
    let edited = ana.patch(&path, json!({ "content": "second" })).await.expect(200);
    assert!(edited.header("etag").unwrap().starts_with("\"2-"));
    assert_eq!(edited.body["content"], "second");
    assert!(edited.text("editedAt") > edited.text("createdAt"));
    let read = ana.get(&path).await.expect(200);
    assert_eq!((read.header("etag"), &read.body), (edited.header("etag"), &edited.body));
}

#[tokio::test]
async fn only_the_version_one_has_seen_is_changed() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let path = post_of(&ana).await;
    let seen = ana.get(&path).await.header("etag").unwrap().to_owned();
    let content = |text: &str| json!({ "content": text });

    ana.with("if-match", &seen).patch(&path, content("second")).await.expect(200);
    ana.with("if-match", &seen).patch(&path, content("third")).await.problem("E_EDITED_MEANWHILE", 412);
    ana.with("if-match", &seen).delete(&path).await.problem("E_EDITED_MEANWHILE", 412);
    assert_eq!(ana.get(&path).await.body["content"], "second");

    ana.with("if-match", "*").patch(&path, content("third")).await.expect(200);
    for nonsense in ["3", "\"3", "\"3\" \"4\"", ""] {
        let refused = ana.with("if-match", nonsense).patch(&path, content("x")).await;
        assert_eq!(refused.problem("E_HEADER_INVALID", 400).body["errors"][0]["pointer"], "header:If-Match");
    }
    // Not text, yet a condition: it isn't edited as if there were none.
    let bytes = ana.build(Method::PATCH, &path).header("if-match", &b"\xd7"[..]).json(&content("x"));
    Answer::of(bytes).await.problem("E_HEADER_INVALID", 400);
    let seen = ana.get(&path).await.header("etag").unwrap().to_owned();
    for other in ["\"x\"", &format!("W/{seen}"), "\"33-0\", \"x,y\""] {
        ana.with("if-match", other).patch(&path, content("x")).await.problem("E_EDITED_MEANWHILE", 412);
    }
    ana.with("if-match", &format!("\"33-0\", {seen}")).delete(&path).await.expect(204);
}

#[tokio::test]
async fn a_reaction_that_came_in_between_is_no_edit() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let path = post_of(&ana).await;
    let seen = ana.get(&path).await.header("etag").unwrap().to_owned();
    ben.put(&format!("{path}/reactions/like"), json!({})).await.expect(200);
    assert_ne!(ana.get(&path).await.header("etag"), Some(&*seen));
    ana.with("if-match", &seen).patch(&path, json!({ "content": "second" })).await.expect(200);
}

#[tokio::test]
async fn of_many_edits_of_one_version_one_succeeds() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let path = post_of(&ana).await;
    let seen = ana.get(&path).await.header("etag").unwrap().to_owned();
    let answers = in_parallel(10, |number| {
        let (client, path) = (ana.with("if-match", &seen), path.clone());
        async move { client.patch(&path, json!({ "content": format!("edit {number}") })).await }
    })
    .await;
    let (done, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((done.len(), refused.len()), (1, 9));
    for answer in refused {
        answer.problem("E_EDITED_MEANWHILE", 412);
    }
    let read = ana.get(&path).await;
    assert_eq!(
        (read.header("etag"), &read.body["content"]),
        (done[0].header("etag"), &done[0].body["content"])
    );
}

#[tokio::test]
async fn only_its_author_may() {
    let app = TestApp::start().await;
    let (ana, ben, root) = (app.user("ana").await, app.user("ben").await, app.admin("root").await);
    let path = post_of(&ana).await;
    for other in [&ben, &root] {
        other.patch(&path, json!({ "content": "mine" })).await.problem("E_NOT_THE_AUTHOR", 403);
        other.delete(&path).await.problem("E_NOT_THE_AUTHOR", 403);
    }
    assert_eq!(ana.get(&path).await.expect(200).body["content"], "first");
}

#[tokio::test]
async fn an_edit_is_checked_like_a_new_post() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let path = post_of(&ana).await;
    ana.patch(&path, json!({ "content": "x".repeat(5001) })).await.invalid(&[("/content", "too_long")]);
    ana.patch(&path, json!({ "content": "  " })).await.invalid(&[("/content", "blank")]);
    ana.patch(&path, json!({})).await.invalid(&[("/content", "required")]);
    let body = json!({ "content": "x", "version": 7 });
    ana.patch(&path, body).await.invalid(&[("/version", "unknown_field")]);
    assert!(ana.get(&path).await.header("etag").unwrap().starts_with("\"1-"));
}

#[tokio::test]
async fn a_deleted_post_is_gone_with_its_reactions() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let path = post_of(&ana).await;
    ben.put(&format!("{path}/reactions/like"), json!({})).await.expect(200);
    ana.delete(&path).await.expect(204);
    for user in [&ana, &ben] {
        user.get(&path).await.problem("E_NOT_FOUND", 404);
    }
    ana.delete(&path).await.problem("E_NOT_FOUND", 404);
    assert_eq!(ana.get("/posts").await.items().len(), 0);
    assert_eq!(app.database.number("SELECT COUNT(*) FROM post_reactions").await, 0);
}
