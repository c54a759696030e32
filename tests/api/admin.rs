//! Administering: who may, what happens, and that it is written down.

use serde_json::json;

use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn each_role_may_what_it_may() {
    let app = TestApp::start().await;
    let (user, admin) = (app.user("ana").await, app.admin("root").await);
    let moderator = app.moderator("mod").await;
    let account = format!("/admin/users/{}", user.id);
    let edit = json!({ "role": "user" });
    for path in ["/admin/users", account.as_str(), "/admin/stats"] {
        user.get(path).await.problem("E_FORBIDDEN", 403);
        moderator.get(path).await.expect(200);
        admin.get(path).await.expect(200);
        app.anonymous().get(path).await.problem("E_TOKEN_MISSING", 401);
    }
    user.get("/admin/audit").await.problem("E_FORBIDDEN", 403);
    moderator.get("/admin/audit").await.problem("E_FORBIDDEN", 403);
    admin.get("/admin/audit").await.expect(200);
    user.patch(&account, edit.clone()).await.problem("E_FORBIDDEN", 403);
    moderator.patch(&account, edit.clone()).await.problem("E_FORBIDDEN", 403);
    admin.patch(&account, edit).await.expect(200);
}

#[tokio::test]
async fn suspending_shuts_out_and_reinstating_lets_in() {
    let app = TestApp::start().await;
    let (ana, admin) = (app.user("ana").await, app.admin("root").await);
    let account = format!("/admin/users/{}", ana.id);
    let suspended = admin.patch(&account, json!({ "status": "suspended" })).await.expect(200);
    assert_eq!(suspended.body["status"], "suspended");
    ana.get("/users/me").await.problem("E_SESSION_ENDED", 401);
    let login = json!({ "login": "ana", "password": PASSWORD });
    app.anonymous().post("/auth/login", login.clone()).await.problem("E_ACCOUNT_SUSPENDED", 403);
    let refresh = json!({ "refreshToken": ana.refresh_token });
    app.anonymous().post("/auth/refresh", refresh.clone()).await.problem("E_SESSION_ENDED", 401);
    let wrong = json!({ "login": "ana", "password": "not this one" });
    app.anonymous().post("/auth/login", wrong).await.problem("E_CREDENTIALS_INVALID", 401);

    admin.patch(&account, json!({ "status": "active" })).await.expect(200);
    app.anonymous().post("/auth/login", login).await.expect(200);
    app.anonymous().post("/auth/refresh", refresh).await.problem("E_SESSION_ENDED", 401);
}

#[tokio::test]
async fn every_act_is_written_down_with_who_what_and_whence() {
    let app = TestApp::start().await;
    let (ana, admin) = (app.user("ana").await, app.admin("root").await);
    let account = format!("/admin/users/{}", ana.id);
    let traced = admin.with("x-request-id", "the-act");
    traced.patch(&account, json!({ "role": "moderator", "status": "suspended" })).await.expect(200);
    traced.patch(&account, json!({ "role": "moderator" })).await.expect(200);
    let audit = admin.get(&format!("/admin/audit?subject={}", ana.id)).await.expect(200);
    let mut acts: Vec<_> =
        audit.items().iter().map(|act| (act["action"].clone(), act["detail"].clone())).collect();
    acts.sort_by_key(|(action, _)| action.to_string());
    let wanted = [("user.role", "user to moderator"), ("user.status", "active to suspended")];
    assert_eq!(acts, wanted.map(|(action, detail)| (json!(action), json!(detail))), "no change, no line");
    for act in audit.items() {
        assert_eq!((&act["actorId"], &act["subjectId"]), (&json!(admin.id), &json!(ana.id)));
        assert_eq!((&act["requestId"], &act["address"]), (&json!("the-act"), &json!("127.0.0.1")));
    }
    let nobody = admin.get(&format!("/admin/audit?actor={}", ana.id)).await.expect(200);
    assert_eq!(nobody.items().len(), 0);
}

#[tokio::test]
async fn refused_acts_change_nothing() {
    let app = TestApp::start().await;
    let (ana, admin) = (app.user("ana").await, app.admin("root").await);
    let account = format!("/admin/users/{}", ana.id);
    admin.patch(&account, json!({})).await.invalid(&[("", "required")]);
    admin.patch(&account, json!({ "role": "emperor" })).await.invalid(&[("/role", "not_an_option")]);
    admin.patch(&account, json!({ "email": "x@example.com" })).await.problem("E_INVALID", 422);
    let own = format!("/admin/users/{}", admin.id);
    admin.patch(&own, json!({ "role": "user" })).await.problem("E_OWN_ACCOUNT", 409);
    let nobody = format!("/admin/users/{}", uuid::Uuid::new_v4());
    admin.get(&nobody).await.problem("E_NOT_FOUND", 404);
    admin.patch(&nobody, json!({ "role": "user" })).await.problem("E_NOT_FOUND", 404);
    assert_eq!(admin.get("/admin/audit").await.expect(200).items().len(), 0);
}

#[tokio::test]
async fn two_administrators_cannot_demote_each_other() {
    let app = TestApp::start().await;
    let (one, two) = (app.admin("one").await, app.admin("two").await);
    let (first, second) = (format!("/admin/users/{}", two.id), format!("/admin/users/{}", one.id));
    let demote = json!({ "role": "user" });
    let (a, b) = tokio::join!(one.patch(&first, demote.clone()), two.patch(&second, demote));
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403]);
}

#[tokio::test]
async fn two_administrators_cannot_suspend_each_other() {
    let app = TestApp::start().await;
    for round in 0..5 {
        let (one, two) = (app.admin(&format!("one{round}")).await, app.admin(&format!("two{round}")).await);
        one.get("/users/me").await.expect(200);
        two.get("/users/me").await.expect(200);
        let (first, second) = (format!("/admin/users/{}", two.id), format!("/admin/users/{}", one.id));
        let suspend = json!({ "status": "suspended" });
        let (a, b) = tokio::join!(one.patch(&first, suspend.clone()), two.patch(&second, suspend));
        assert_eq!([a.status, b.status].iter().filter(|status| **status == 200).count(), 1);
    }
}

#[tokio::test]
async fn accounts_are_searched_and_paged() {
    let app = TestApp::start().await;
    let admin = app.admin("root").await;
    for name in ["anabel", "anton", "bea"] {
        app.user(name).await;
    }
    app.set_user("bea", "status", "suspended").await;
    let list = async |query: &str| admin.get(&format!("/admin/users?{query}")).await.expect(200);
    assert_eq!(list("query=AN").await.each("username"), ["anton", "anabel"]);
    assert_eq!(list("status=suspended").await.each("username"), ["bea"]);
    assert_eq!(list("role=admin").await.each("username"), ["root"]);
    assert_eq!(list("query=%25").await.items().len(), 0, "a wildcard is only a character");
    let first = list("limit=3").await;
    assert_eq!(first.each("username"), ["bea", "anton", "anabel"]);
    assert_eq!(list(&format!("cursor={}", first.text("nextCursor"))).await.each("username"), ["root"]);
    assert_eq!(first.items()[0]["email"], "bea@example.com");
}

#[tokio::test]
async fn figures_count() {
    let app = TestApp::start().await;
    let (chat, ana, _) = crate::support::Chat::direct(&app).await;
    let admin = app.admin("root").await;
    ana.write("hello").await;
    chat.send(&ana, "hello").await;
    let _socket = ana.socket().await;
    crate::support::eventually(async || {
        let stats = admin.get("/admin/stats").await.expect(200).body;
        let figures = ["users", "suspendedUsers", "posts", "conversations", "events", "sockets"];
        (figures.map(|name| stats[name].as_i64()) == [3, 0, 1, 1, 1, 1].map(Some)).then_some(())
    })
    .await;
}
