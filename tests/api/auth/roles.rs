use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn what_a_role_does_not_hold_is_forbidden() {
    let app = TestApp::start().await;
    let (ana, root) = (app.user("ana").await, app.admin("root").await);
    let refused = ana.get("/admin/users").await.problem("E_FORBIDDEN", 403);
    assert!(refused.text("detail").contains("needs the permission"), "{}", refused.body);
    root.get("/admin/users").await.expect(200);
    assert_eq!(root.get("/users/me").await.body["role"], "admin");
}

/// The role isn't in the token: it is asked for, and remembered for a minute when nobody tells that it has changed.
#[tokio::test]
async fn a_demotion_past_the_app_is_noticed_within_a_minute() {
    let app = TestApp::start().await;
    let root = app.admin("root").await;
    root.get("/admin/users").await.expect(200);
    app.set_user("root", "role", "user").await;
    app.let_memories_fade();
    root.get("/admin/users").await.problem("E_FORBIDDEN", 403);
    root.get("/users/me").await.expect(200);
}

#[tokio::test]
async fn nobody_gives_themselves_a_role() {
    let app = TestApp::start().await;
    let ana = app.user("ana").await;
    let body =
        json!({ "username": "eve", "email": "eve@example.com", "password": "long enough", "role": "admin" });
    app.anonymous().post("/auth/register", body).await.invalid(&[("/role", "unknown_field")]);
    let path = format!("/admin/users/{}", ana.id);
    ana.patch(&path, json!({ "role": "admin" })).await.problem("E_FORBIDDEN", 403);
    assert_eq!(ana.get("/users/me").await.body["role"], "user");
}
