//! The main answers of every feature, whole, beside what they were.
//!
//! A story that is meant to change is written anew with `INSTA_UPDATE=always`, and read before it is
//! committed.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::json;

use crate::support::{Chat, PASSWORD, Settings, Story, TestApp, World};

const EVERY: [&str; 6] = ["admin", "auth", "health", "messages", "posts", "users"];

#[test]
fn there_is_no_story_that_nobody_tells() {
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots")).unwrap();
    let found: BTreeSet<_> = folder.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(found, EVERY.map(|name| format!("{name}.snap")).into());
}

#[tokio::test]
async fn auth() {
    let (app, mut story) = (TestApp::start().await, Story::default());
    let client = app.anonymous().with("user-agent", "Ana's browser");
    let ana = json!({ "username": "ana", "email": "ana@example.com", "password": PASSWORD });
    let registered = client.post("/auth/register", ana).await;
    story.tell("Ana registers", &registered);
    let other = json!({ "username": "ANA", "email": "other@example.com", "password": PASSWORD });
    story.tell("somebody else wants her name", &client.post("/auth/register", other).await);
    app.outside.clock.advance(TimeDelta::seconds(1));
    let refresh = json!({ "refreshToken": registered.text("refreshToken") });
    story.tell("she refreshes", &client.post("/auth/refresh", refresh.clone()).await);
    let wrong = json!({ "login": "ana", "password": "a wrong one" });
    story.tell("somebody guesses", &client.post("/auth/login", wrong).await);
    let signed_in = client.bearing(&registered.text("accessToken"));
    story.tell("she lists her sessions", &signed_in.get("/auth/sessions").await);
    story.tell("logs out", &client.post("/auth/logout", refresh).await);
    story.tell("and is a stranger", &signed_in.get("/auth/sessions").await);
    story.is("auth");
}

#[tokio::test]
async fn users() {
    let (app, mut story) = (TestApp::start().await, Story::default());
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    story.tell("Ana sees herself", &ana.get("/users/me").await);
    app.outside.clock.advance(TimeDelta::seconds(1));
    let edit = json!({ "displayName": "Ana A.", "bio": "soup" });
    story.tell("says more of herself", &ana.patch("/users/me", edit).await);
    story.tell("Ben sees her", &ben.get("/users/ana").await);
    story.tell("lists everybody, one a page", &ben.get("/users?limit=1").await);
    story.tell("looks for nobody", &ben.get("/users/nobody").await);
    let wrong = json!({ "displayName": " ", "avatarUrl": "http://example.com", "role": "admin" });
    story.tell("says nonsense of himself", &ben.patch("/users/me", wrong).await);
    story.is("users");
}

#[tokio::test]
async fn posts() {
    let (app, mut story) = (TestApp::start().await, Story::default());
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let made = ana.post("/posts", json!({ "content": "Is there still soup?" })).await;
    story.tell("Ana writes", &made);
    let path = format!("/posts/{}", made.text("id"));
    story.tell("Ben loves it", &ben.put(&format!("{path}/reactions/love"), json!({})).await);
    app.outside.clock.advance(TimeDelta::seconds(1));
    story.tell("Ana edits it", &ana.patch(&path, json!({ "content": "There is." })).await);
    story.tell("Ben tries to", &ben.patch(&path, json!({ "content": "There isn't." })).await);
    story.tell("and lists all", &ben.get("/posts").await);
    story.tell("Ana deletes it", &ana.delete(&path).await);
    story.tell("it is gone", &ben.get(&path).await);
    story.is("posts");
}

#[tokio::test]
async fn health() {
    let alone = |settings: &mut Settings| _ = settings.unset("REDIS_URL").unset("REDIS_PREFIX");
    let (app, mut story) = (TestApp::with(alone).await, Story::default());
    app.user("ana").await;
    let client = app.anonymous();
    story.tell("the process answers", &client.get("//health/live").await);
    let mut health = client.get("//health").await;
    health.body["uptime"] = json!("so many seconds");
    health.body["version"] = json!("this one");
    for check in ["database", "memory"] {
        health.body["checks"][check]["responseTime"] = json!("so many milliseconds");
    }
    health.body["checks"]["memory"]["detail"] = json!("whatever it holds");
    story.tell("the node is well", &health);
    story.tell("and counts its accounts", &client.get("//api/health").await);
    story.is("health");
}

#[tokio::test]
async fn messages() {
    let (app, mut story) = (TestApp::start().await, Story::default());
    let [ana, ben, cleo] = [app.user("ana").await, app.user("ben").await, app.user("cleo").await];
    let begun = ana.post("/conversations", json!({ "memberIds": [ben.id], "name": "soup" })).await;
    story.tell("Ana begins a group", &begun);
    let chat = Chat { id: begun.text("id") };
    app.outside.clock.advance(TimeDelta::seconds(1));
    let sent = ana.post(&chat.path("messages"), Chat::message("Is there still soup?")).await;
    story.tell("and says something", &sent);
    ana.post(&chat.path("members"), json!({ "userIds": [cleo.id] })).await.expect(204);
    story.tell("Ben reads what has happened", &ben.get(&chat.path("events")).await);
    story.tell("and what was said", &ben.get(&chat.path("messages")).await);
    story.tell("marks it read", &ben.put(&chat.path("read"), json!({ "seq": 2 })).await);
    story.tell("lists his conversations", &ben.get("/conversations").await);
    story.tell("who is in it", &ben.get(&chat.path("members")).await);
    story.tell("can't remove Cleo", &ben.delete(&chat.path(&format!("members/{}", cleo.id))).await);
    let role = chat.path(&format!("members/{}/role", ben.id));
    story.tell("Ana makes him an admin", &ana.put(&role, json!({ "role": "admin" })).await);
    let path = format!("/conversations/{}", chat.id);
    story.tell("he renames the group", &ben.patch(&path, json!({ "name": "stew" })).await);
    story.tell("Cleo can't", &cleo.patch(&path, json!({ "name": "soup" })).await);
    story.tell("and reads what has happened since", &cleo.get(&chat.path("events?after=2")).await);
    story.is("messages");
}

#[tokio::test]
async fn admin() {
    let (app, mut story) = (TestApp::start().await, Story::default());
    let World { ana, ben, .. } = World::of(&app).await;
    let root = app.admin("root").await.with("x-request-id", "one-request");
    story.tell("Root finds Ben", &root.get("/admin/users?query=ben").await);
    app.outside.clock.advance(TimeDelta::seconds(1));
    let path = format!("/admin/users/{}", ben.id);
    story.tell("suspends him", &root.patch(&path, json!({ "status": "suspended" })).await);
    story.tell("it is written down", &root.get("/admin/audit").await);
    story.tell("Ben is shut out", &ben.get("/users/me").await);
    story.tell("Ana may not look", &ana.get("/admin/audit").await);
    let mut figures = root.get("/admin/stats").await;
    figures.body["memory"] = json!("whatever it holds");
    story.tell("the figures", &figures);
    story.is("admin");
}
